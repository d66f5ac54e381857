import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** The description of all routes, made from controllers and DTOs. */
export function createOpenApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Custom metrics, kept')
    .setDescription('Push custom metrics over HTTP, see them in Prometheus, ask their whole history.')
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'Authorization', description: 'A token, alone or after Bearer' },
      'token',
    )
    .addBasicAuth(
      { type: 'http', scheme: 'basic', description: 'A token as the password, the user name is ignored' },
      'basic',
    )
    .build();
  const document = SwaggerModule.createDocument(app, config);
  sortEnums(document);
  return document;
}

/**
 * The members of a union type come in the order in which the compiler first met them, so a change anywhere could change the
 * description of a route that nobody touched.
 */
function sortEnums(part: unknown): void {
  if (typeof part !== 'object' || part === null) return;
  for (const [name, value] of Object.entries(part) as [string, unknown][]) {
    // A copy: the list may be the very one that the code checks against.
    if (name === 'enum') Object.assign(part, { enum: (value as string[]).toSorted((a, b) => (a < b ? -1 : 1)) });
    else sortEnums(value);
  }
}
