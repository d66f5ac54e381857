import type { Position } from '../../syntax/ast.js';
import type { Annotations } from '../result/annotations.js';
import type { SlidingWindow } from './sliding-window.js';

/** Returns the value at the step that the window has been moved to, or undefined to leave the step without a value. */
export type StepFunction = (step: number) => number | undefined;

export interface RangeFunctionContext {
  /** The arguments other than the range vector, in their order, each with a value for each step. */
  readonly parameters: readonly Float64Array[];
  readonly annotations: Annotations;
  /** The position of the first argument, which can be the range vector or another argument. */
  readonly position: Position;
}

/**
 * Prepares a PromQL range function for one series. The function it returns is called only when the window holds at least one
 * point. The window only moves forward.
 */
export type RangeFunction = (window: SlidingWindow, context: RangeFunctionContext) => StepFunction;
