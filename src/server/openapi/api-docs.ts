import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import helmet from 'helmet';
import { createOpenApiDocument } from './openapi.js';

const PATH = 'api-docs';

/**
 * Serves the description of the API as a page and as JSON.
 *
 * Has to be called after the further ports are there: what they do not serve is refused by middleware that comes first.
 */
export function serveApiDocs(app: NestExpressApplication): void {
  app.use(
    `/${PATH}`,
    helmet({
      contentSecurityPolicy: {
        // Over plain http it would have the browser ask for scripts and styles over https, and the page stays blank.
        directives: { upgradeInsecureRequests: null },
      },
      // Whether a host is only reached over https is for whoever ends TLS in front of this server to say.
      strictTransportSecurity: false,
    }),
  );
  SwaggerModule.setup(PATH, app, () => createOpenApiDocument(app), { jsonDocumentUrl: `${PATH}/openapi.json` });
}
