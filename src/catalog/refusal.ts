/** The machine-readable reason why an item was refused. These names are part of the wire format and do not change. */
export type RefusalReason =
  | 'item_invalid'
  | 'too_many_samples'
  | 'value_invalid'
  | 'name_invalid'
  | 'name_too_long'
  | 'reserved_name'
  | 'too_many_labels'
  | 'label_name_invalid'
  | 'label_name_too_long'
  | 'label_name_duplicate'
  | 'label_value_too_long'
  | 'bucket_label_invalid'
  | 'histogram_invalid'
  | 'data_point_invalid'
  | 'unsupported_type'
  | 'help_too_long'
  | 'type_conflict'
  | 'temporality_conflict'
  | 'unit_conflict'
  | 'negative_delta'
  | 'timestamp_too_old'
  | 'timestamp_too_new'
  | 'series_limit'
  | 'series_memory_limit';

/** The reason why an item that fits the schema can't be accepted. */
export class Refusal {
  /** @param message says what is wrong, where, which limit applies, and what to do */
  constructor(
    readonly reason: RefusalReason,
    readonly message: string,
  ) {}
}
