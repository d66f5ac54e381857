import type { Position } from '../../syntax/ast.js';
import type { Annotations } from '../result/annotations.js';
import type { SlidingWindow } from './sliding-window.js';

/** Returns the value at the step that the window has been moved to; undefined where there is none. */
export type StepFunction = (step: number) => number | undefined;

export interface RangeFunctionContext {
  /** The other arguments, in their order, each with a value per step. */
  readonly parameters: readonly Float64Array[];
  readonly annotations: Annotations;
  /** The position of the first argument, whatever that is. */
  readonly position: Position;
}

/**
 * A function of a range vector, prepared for one series. It is called only for windows with at least one point, and windows only
 * move forward.
 */
export type RangeFunction = (window: SlidingWindow, context: RangeFunctionContext) => StepFunction;
