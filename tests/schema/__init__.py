"""sql/, migrations/ and the catalog: rules that hold for every object."""
