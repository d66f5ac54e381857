import { ApiProperty } from '@nestjs/swagger';

/** The list of flags for server-side SDKs, which is empty unless it comes from an upstream Unleash. */
export class FeaturesResponse {
  version: number;
  @ApiProperty({ type: 'array', items: { type: 'object' }, maxItems: 0 })
  features: never[];
  @ApiProperty({ type: 'array', items: { type: 'object' }, maxItems: 0 })
  segments: never[];
}

/** The list of flags for browser SDKs, which is empty unless it comes from an upstream Unleash. */
export class TogglesResponse {
  @ApiProperty({ type: 'array', items: { type: 'object' }, maxItems: 0 })
  toggles: never[];
}
