"""api_extensions.bodies: what a JSON body may hold."""

import pytest
from pydantic import ValidationError

from api_extensions.bodies import Body


class Switch(Body):
    """A body of one boolean and one number."""

    is_active: bool | None = None
    amount_toman: int | None = None


@pytest.mark.parametrize(
    "sent",
    [
        '{"isActive": 0}',
        '{"isActive": "true"}',
        '{"amountToman": "7"}',
        '{"amountToman": true}',
        '{"amountToman": 7.5}',
    ],
)
def test_a_value_of_another_json_type_is_refused(sent: str) -> None:
    with pytest.raises(ValidationError):
        Switch.model_validate_json(sent)
