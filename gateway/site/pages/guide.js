/* The commands name the system that this page comes from. */
document.querySelectorAll('pre').forEach((command) => {
    command.textContent = command.textContent.replace('http://127.0.0.1:8080', location.origin);
});
