import { Controller, Get } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import type { Repository } from 'typeorm';
import { OwnMetric } from './own-metric.js';

/** Uses the app's own table and its own metric. */
@Controller('own')
export class OwnController {
  constructor(
    @InjectRepository(OwnMetric) private readonly metrics: Repository<OwnMetric>,
    @InjectMetric('host_requests_total') private readonly requests: Counter,
  ) {}

  @Get()
  async colours(): Promise<string[]> {
    this.requests.inc();
    return (await this.metrics.find({ order: { id: 'ASC' } })).map(({ colour }) => colour);
  }
}
