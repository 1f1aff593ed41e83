/* Starts Swagger UI. A script of its own, because the page's policy allows none inside it. */
window.ui = SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#swagger-ui',
    deepLinking: true,
    displayRequestDuration: true,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    filter: true,
    persistAuthorization: false, // a token does not outlive the page
    tryItOutEnabled: true,
    validatorUrl: null, // nothing is sent to another site
});
