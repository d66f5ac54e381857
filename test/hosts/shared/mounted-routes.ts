import { RequestMethod } from '@nestjs/common';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';

/** A route of the app, and the scope that a token needs for it. Only routes of the package have a scope. */
export interface MountedRoute {
  readonly method: string;
  readonly path: string;
  readonly scope: string | null;
}

// These are the keys under which Nest and the package store what their decorators say.
const PATH = 'path';
const METHOD = 'method';
const SCOPE = 'custom-metrics:scope';

/** Lists the routes of all controllers, without the prefixes of the app. */
export function mountedRoutes(modules: ModulesContainer): MountedRoute[] {
  return [...modules.values()].flatMap(({ controllers }) =>
    [...controllers.values()].flatMap(({ metatype }) => (metatype === null ? [] : routesOf(metatype))),
  );
}

function routesOf(controller: Function): MountedRoute[] {
  const prototype = controller.prototype as Record<string, object>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const handler = prototype[name]!;
    const method = Reflect.getMetadata(METHOD, handler) as RequestMethod | undefined;
    if (method === undefined) return [];
    const scope = (Reflect.getMetadata(SCOPE, handler) ?? Reflect.getMetadata(SCOPE, controller) ?? null) as
      string | null;
    return pathsOf(controller).flatMap((start) =>
      pathsOf(handler).map((end) => ({ method: RequestMethod[method], path: joined(start, end), scope })),
    );
  });
}

function pathsOf(target: object): string[] {
  return [Reflect.getMetadata(PATH, target) as string | string[]].flat();
}

function joined(start: string, end: string): string {
  return `/${start}/${end}`.replaceAll(/\/{2,}/g, '/').replace(/\/$/, '');
}
