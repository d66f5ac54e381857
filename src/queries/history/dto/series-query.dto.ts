import { PageQueryDto } from './page-query.dto.js';
import { LabelFilters, MetricName } from './shared-parameters.js';

/** The series of one metric that a request asks for. */
export class SeriesQueryDto extends PageQueryDto {
  @MetricName()
  metric: string;

  @LabelFilters()
  label: string[] = [];
}
