import { Inject, Injectable } from '@nestjs/common';
import { CUSTOM_METRICS_OPTIONS, type CustomMetricsOptions } from '../../custom-metrics.options.js';
import type { Expression } from '../../promql/syntax/ast.js';
import { BoundedMemo } from './bounded-memo.js';
import { parseQueryParameter } from './parameters/expression-parameter.js';

/**
 * Bytes that the tree of an expression takes for each character of its text. The densest trees are those of `-+-+1` and `1+1+1`, with
 * 80 and 88 bytes.
 */
const BYTES_PER_CHARACTER = 100;
const ENTRY_BYTES = 200;

/** Remembers the trees of queries, because a dashboard sends the same ones at each refresh. */
@Injectable()
export class ExpressionMemo {
  private readonly trees: BoundedMemo<Expression>;

  constructor(@Inject(CUSTOM_METRICS_OPTIONS) { promql }: CustomMetricsOptions) {
    this.trees = new BoundedMemo(promql.expressionMemoryBytes);
  }

  /**
   * Parses a query, unless its tree is remembered.
   *
   * @throws PrometheusError
   */
  treeOf(query: string): Expression {
    const known = this.trees.find(query);
    if (known !== undefined) return known;
    const tree = parseQueryParameter(query);
    this.trees.remember(query, tree, ENTRY_BYTES + query.length * BYTES_PER_CHARACTER);
    return tree;
  }
}
