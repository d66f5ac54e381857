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
  return SwaggerModule.createDocument(app, config);
}
