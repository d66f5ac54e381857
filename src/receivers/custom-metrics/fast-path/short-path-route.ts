import type { INestApplication } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import type { ApplicationConfig } from '@nestjs/core';
import type { MountedController } from '../../../http/mounting/mounted-controller.js';

/** The URL path whose requests the short path may answer, or the reason why it may not answer any. */
export type ShortPathRoute = { readonly path: string } | { readonly refusal: string };

/** A part of Express' router: a route, or a middleware. */
interface Layer {
  readonly name: string;
  readonly handle: (...parameters: never[]) => unknown;
  readonly route?: { readonly path: unknown; readonly methods: Readonly<Record<string, boolean>> };
  match(path: string): boolean;
}

/** Body parsers of Express. The short path reads the body in their place. */
const BODY_PARSERS = new Set(['jsonParser', 'urlencodedParser', 'textParser', 'rawParser']);

/** Matches a path without parameters. Requests for it can be recognised by comparing texts. */
const LITERAL = /^[\w./~%-]+$/;

const CURE =
  'Pushes take the usual path, which is slower and has the same effect. If all this may be skipped for pushes, call ' +
  'install(app, { pastGlobals: true }).';

/**
 * Finds the path of the controller in Express' router. This path includes the prefixes of the app and of `RouterModule`.
 *
 * @param app an initialised app
 * @param pastGlobals whether guards, interceptors and middleware of the host may be skipped
 */
export function findShortPathRoute(
  app: INestApplication,
  { type, hasHostGuard, hasHostEnhancers }: MountedController,
  pastGlobals: boolean,
): ShortPathRoute {
  if (hasHostGuard) return { refusal: 'The option `guard` decides about each request, so there is no short path.' };
  const layers = layersOf(app);
  const suffix = `/${Reflect.getMetadata(PATH_METADATA, type) as string}`;
  // The controller's route for all other methods has the same path. In Express, that route has every method, including GET.
  const isOurs = ({ route }: Layer) =>
    route?.methods.post === true &&
    route.methods.get !== true &&
    typeof route.path === 'string' &&
    route.path.endsWith(suffix);
  const [ours, ...others] = layers.filter(isOurs);
  const path = ours?.route?.path as string | undefined;
  if (ours === undefined || path === undefined || others.length > 0 || !LITERAL.test(path)) {
    return { refusal: `The path of ${type.name} is not a single one without parameters. ${CURE.split('. ')[0]}.` };
  }
  const before = layers.slice(0, layers.indexOf(ours)).filter((layer) => layer.match(path));
  if (before.some(({ route }) => route !== undefined)) {
    return { refusal: `Another route of this app answers POST ${path} first, so there is no short path.` };
  }
  if (pastGlobals) return { path };
  const skipped = [
    ...globalsOf(app),
    ...(hasHostEnhancers ? ['guards or interceptors among the `decorators`'] : []),
    ...before.filter((layer) => !isHarmless(layer)).map(({ name }) => `the middleware ${name || 'without a name'}`),
  ];
  return skipped.length === 0 ? { path } : { refusal: `The short path would skip ${skipped.join(', ')}. ${CURE}` };
}

function layersOf(app: INestApplication): readonly Layer[] {
  const express = app.getHttpAdapter().getInstance() as { router?: { stack?: readonly Layer[] } };
  return express.router?.stack ?? [];
}

/**
 * Lists the global guards and interceptors of the app. Nest has no public way to read them, so if they can't be read, they
 * count as present.
 */
function globalsOf(app: INestApplication): string[] {
  const { config } = app as unknown as { config?: ApplicationConfig };
  if (config === undefined) return ['guards that this version of Nest does not show'];
  const guards = config.getGlobalGuards().length + config.getGlobalRequestGuards().length;
  const interceptors = config.getGlobalInterceptors().length + config.getGlobalRequestInterceptors().length;
  return [
    ...(guards > 0 ? [`global guards (${guards})`] : []),
    ...(interceptors > 0 ? [`global interceptors (${interceptors})`] : []),
  ];
}

/**
 * Returns whether the short path may skip a middleware. This is true for body parsers, and for the middleware that Nest's
 * adapter adds to every app for its hooks.
 */
function isHarmless({ name, handle }: Layer): boolean {
  return BODY_PARSERS.has(name) || String(handle).includes('this.onRequestHook');
}
