import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import helmet from 'helmet';
import { createOpenApiDocument } from './openapi.js';

const PATH = 'api-docs';

/**
 * Serves the description of the API as a page and as JSON.
 *
 * Call this function after the additional ports have been set up, because their middleware must run first to refuse other paths.
 */
export function serveApiDocs(app: NestExpressApplication): void {
  app.use(
    `/${PATH}`,
    helmet({
      contentSecurityPolicy: {
        // With this directive, a browser on plain HTTP would request scripts and styles over HTTPS, and show a blank page.
        directives: { upgradeInsecureRequests: null },
      },
      // The proxy that terminates TLS in front of this server decides whether a host is HTTPS-only.
      strictTransportSecurity: false,
    }),
  );
  SwaggerModule.setup(PATH, app, () => createOpenApiDocument(app), { jsonDocumentUrl: `${PATH}/openapi.json` });
}
