import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** Creates the OpenAPI document of all routes from controllers and DTOs. */
export function createOpenApiDocument(app: INestApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('Custom metrics, kept')
    .setDescription('Push custom metrics over HTTP, see them in Prometheus, and query their whole history.')
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'Authorization', description: 'A token, with or without Bearer' },
      'token',
    )
    .addBasicAuth(
      { type: 'http', scheme: 'basic', description: 'A token as the password; the user name is ignored' },
      'basic',
    )
    .build();
  const document = SwaggerModule.createDocument(app, config);
  sortEnums(document);
  return document;
}

/**
 * Sorts the members of all enums. The compiler orders the members of a union type by their first occurrence, so a change in one
 * file could otherwise change the description of unrelated routes.
 */
function sortEnums(part: unknown): void {
  if (typeof part !== 'object' || part === null) return;
  for (const [name, value] of Object.entries(part) as [string, unknown][]) {
    // The list is copied, because the code may use the same array for its checks.
    if (name === 'enum') Object.assign(part, { enum: (value as string[]).toSorted((a, b) => (a < b ? -1 : 1)) });
    else sortEnums(value);
  }
}
