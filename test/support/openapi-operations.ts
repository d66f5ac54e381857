import { readFileSync } from 'node:fs';
import path from 'node:path';

type Schema = Record<string, unknown>;

/** A parameter of a route. */
export interface OpenApiParameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
  readonly required: boolean;
  readonly schema: { readonly type?: string };
}

/** A route of `openapi.json`. */
export interface OpenApiOperation {
  readonly method: string;
  /** The path with its placeholders, like `/api/admin/tokens/{id}`. */
  readonly path: string;
  readonly parameters: readonly OpenApiParameter[];
  /** The names of the properties of a JSON body. The list is empty if there is no body. */
  readonly bodyProperties: readonly string[];
}

interface Document {
  readonly paths: Record<
    string,
    Record<
      string,
      {
        readonly parameters?: readonly OpenApiParameter[];
        readonly requestBody?: { readonly content: Record<string, { readonly schema: Schema }> };
      }
    >
  >;
  readonly components: { readonly schemas: Record<string, { readonly properties?: Schema }> };
}

/** Returns the routes of the OpenAPI document in the repository. A test that uses them automatically covers new routes. */
export function openApiOperations(): OpenApiOperation[] {
  const file = path.resolve(import.meta.dirname, '../../openapi.json');
  const { paths, components } = JSON.parse(readFileSync(file, 'utf8')) as Document;
  return Object.entries(paths).flatMap(([route, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => {
      const reference = requestBody?.content['application/json']?.schema.$ref;
      const name = typeof reference === 'string' ? reference.split('/').at(-1)! : undefined;
      return {
        method: method.toUpperCase(),
        path: route,
        parameters,
        bodyProperties: Object.keys((name !== undefined && components.schemas[name]?.properties) || {}),
      };
    }),
  );
}
