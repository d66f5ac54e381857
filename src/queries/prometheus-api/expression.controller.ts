import { Get } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';
import { format } from '../../promql/syntax/printing/format.js';
import { treeToJson } from '../../promql/syntax/printing/tree-json.js';
import { parseQueryParameter } from './parameters/expression-parameter.js';
import { PostForm } from './parameters/form-body.js';
import { Parameters } from './parameters/parameters.decorator.js';
import { PrometheusController } from './prometheus-controller.decorator.js';
import { RequestParameters } from './parameters/request-parameters.js';

/** Formats and parses queries for editors; it reads no samples. */
@PrometheusController()
export class ExpressionController {
  /** Returns the expression in readable lines. */
  @Get('format_query')
  @ApiQuery({ name: 'query', type: String })
  formatQuery(@Parameters() parameters: RequestParameters): object {
    return { status: 'success', data: format(parseQueryParameter(parameters.first('query'))) };
  }

  /** Returns the same lines for a query in a form. */
  @PostForm('format_query')
  formatQueryByForm(@Parameters() parameters: RequestParameters): object {
    return this.formatQuery(parameters);
  }

  /** Returns the tree of the expression. */
  @Get('parse_query')
  @ApiQuery({ name: 'query', type: String })
  parseQuery(@Parameters() parameters: RequestParameters): object {
    return { status: 'success', data: treeToJson(parseQueryParameter(parameters.first('query'))) };
  }

  /** Returns the same tree for a query in a form. */
  @PostForm('parse_query')
  parseQueryByForm(@Parameters() parameters: RequestParameters): object {
    return this.parseQuery(parameters);
  }
}
