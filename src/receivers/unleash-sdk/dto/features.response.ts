import { ApiProperty } from '@nestjs/swagger';

/** The flags of an Unleash that has none. */
export class FeaturesResponse {
  version: number;
  @ApiProperty({ type: 'array', items: { type: 'object' }, maxItems: 0 })
  features: never[];
  @ApiProperty({ type: 'array', items: { type: 'object' }, maxItems: 0 })
  segments: never[];
}

/** The same for a browser. */
export class TogglesResponse {
  @ApiProperty({ type: 'array', items: { type: 'object' }, maxItems: 0 })
  toggles: never[];
}
