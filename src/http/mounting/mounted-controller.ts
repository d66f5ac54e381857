import { type Type, VERSION_NEUTRAL } from '@nestjs/common';
import {
  GUARDS_METADATA,
  INTERCEPTORS_METADATA,
  METHOD_METADATA,
  PARAMTYPES_METADATA,
  PATH_METADATA,
  RESPONSE_PASSTHROUGH_METADATA,
  ROUTE_ARGS_METADATA,
  VERSION_METADATA,
} from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { RequestMetricsGuard } from '../request-metrics.js';
import { OwnAnswerInterceptor, RETURNS_ANSWER } from './own-answer.interceptor.js';

/** Describes how one app mounts a controller. */
export interface Mounting {
  /** The path or paths, in place of those that the controller declares. */
  readonly path?: string | readonly string[];
  /** Decorators of the host, such as `Public()` or `SkipThrottle()`. */
  readonly decorators?: readonly ClassDecorator[];
  /** True if a guard of the host replaces API tokens. */
  readonly hasHostGuard: boolean;
}

/** The injection token of the {@link MountedControllers}. */
export const MOUNTED_CONTROLLERS = Symbol('MOUNTED_CONTROLLERS');

/** The controllers of one app, by the classes from which they are created. */
export type MountedControllers = ReadonlyMap<Type, MountedController>;

/** A controller as one app mounts it. */
export interface MountedController {
  readonly type: Type;
  /** True if a guard of the host decides in place of API tokens. */
  readonly hasHostGuard: boolean;
  /** True if decorators of the host have added guards or interceptors, which must see every request. */
  readonly hasHostEnhancers: boolean;
}

/** The arguments of a handler as Nest stores them: a key such as `1:0` consists of the kind and the position of a parameter. */
type RouteArguments = Readonly<Record<string, { readonly index: number }>>;

/**
 * Creates a controller for one app, as a subclass of the given class. Nest stores paths, guards and interceptors in the metadata
 * of the class, so changing the given class would affect every other app in the process.
 *
 * Global pipes, interceptors and versions of the host do not affect the subclass:
 *
 * - A global `ValidationPipe` sees no class that it could validate. The routes check their own parameters.
 * - A global interceptor that wraps answers gets nothing to wrap, because {@link OwnAnswerInterceptor} has sent the answer by
 *   then.
 * - Versioning does not apply, because the clients of these protocols send no version.
 */
export function mountController(base: Type, { path, decorators = [], hasHostGuard }: Mounting): MountedController {
  // The computed key gives the class its name, which appears in logs and in OpenAPI's operation ids.
  const type: Type = { [base.name]: class extends base {} }[base.name]!;
  for (const name of handlersOf(base)) sealHandler(type, name);
  prepend(GUARDS_METADATA, RequestMetricsGuard, type);
  prepend(INTERCEPTORS_METADATA, OwnAnswerInterceptor, type);
  Reflect.defineMetadata(VERSION_METADATA, VERSION_NEUTRAL, type);
  if (path !== undefined) Reflect.defineMetadata(PATH_METADATA, path, type);
  const enhancersBefore = enhancerCount(type);
  for (const decorate of decorators) decorate(type);
  return { type, hasHostGuard, hasHostEnhancers: enhancerCount(type) > enhancersBefore };
}

/** Lists the methods that are routes. No controller inherits routes from another one. */
function handlersOf({ prototype }: Type): string[] {
  return Object.getOwnPropertyNames(prototype).filter((name) => {
    const { value } = Object.getOwnPropertyDescriptor(prototype, name)! as { value?: unknown };
    return typeof value === 'function' && Reflect.hasMetadata(METHOD_METADATA, value);
  });
}

function sealHandler(type: Type, name: string): void {
  const types = Reflect.getMetadata(PARAMTYPES_METADATA, type.prototype as object, name) as unknown[] | undefined;
  if (types !== undefined) {
    Reflect.defineMetadata(
      PARAMTYPES_METADATA,
      types.map(() => Object),
      type.prototype as object,
      name,
    );
  }
  const declared = (Reflect.getMetadata(ROUTE_ARGS_METADATA, type, name) ?? {}) as RouteArguments;
  const isPassthrough = Reflect.getMetadata(RESPONSE_PASSTHROUGH_METADATA, type, name) === true;
  const takesResponse = Object.keys(declared).some((key) => key.startsWith(`${RouteParamtypes.RESPONSE}:`));
  if (takesResponse && !isPassthrough) return;
  // Nest does not send the answer of a handler that takes the response. A handler that does not take the response therefore
  // gets it as an additional argument.
  const next = Math.max(-1, ...Object.values(declared).map(({ index }) => index)) + 1;
  const response = { [`${RouteParamtypes.RESPONSE}:${next}`]: { index: next, data: undefined, pipes: [] } };
  Reflect.defineMetadata(ROUTE_ARGS_METADATA, takesResponse ? declared : { ...declared, ...response }, type, name);
  Reflect.defineMetadata(RESPONSE_PASSTHROUGH_METADATA, false, type, name);
  Reflect.defineMetadata(RETURNS_ANSWER, true, type, name);
}

function prepend(key: string, enhancer: Type, type: Type): void {
  Reflect.defineMetadata(key, [enhancer, ...enhancersOf(key, type)], type);
}

function enhancerCount(type: Type): number {
  return enhancersOf(GUARDS_METADATA, type).length + enhancersOf(INTERCEPTORS_METADATA, type).length;
}

function enhancersOf(key: string, type: Type): unknown[] {
  return (Reflect.getMetadata(key, type) ?? []) as unknown[];
}
