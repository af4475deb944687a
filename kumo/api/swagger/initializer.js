// Starts Swagger UI. In a file of its own, because the content security policy forbids inline scripts.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  presets: [SwaggerUIBundle.presets.apis],
  // The badge would be fetched from another host.
  validatorUrl: null,
});
