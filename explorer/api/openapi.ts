// Written from openapi.json by `npm run docs:generate`.

export interface paths {
  '/health': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Shows background work that has been failing for longer than a minute. The HTTP status is always 200, because less traffic
     *     would not help.
     */
    get: operations['HealthController_show'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health/live': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Shows that the process runs. If this fails, the process must be restarted. */
    get: operations['HealthController_live'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health/ready': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Shows whether pushes are accepted. If this fails, no traffic should be sent. The schema is checked at the start and not here. */
    get: operations['HealthController_ready'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/client/metrics/custom': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Stores samples. The answer is sent after the commit. Its body is empty if every item was accepted. */
    post: operations['CustomMetricsController_ingest'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/client/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Stores the impact metrics of an SDK. The answer is sent after the commit, and is 202 even if some of them were refused. */
    post: operations['ClientSdkController_ingest'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/client/metrics/bulk': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Stores the impact metrics that Unleash Edge has collected from its SDKs. */
    post: operations['ClientSdkController_ingestBulk'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/client/register': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Accepts the registration of an SDK. Nothing is stored. With UNLEASH_UPSTREAM_URL, the request is forwarded to Unleash. */
    post: operations['ClientSdkController_register'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/client/features': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns an empty list of flags or, with UNLEASH_UPSTREAM_URL, the list of Unleash. */
    get: operations['ClientSdkController_features'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/client/delta': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns the changes of flags since the last request. This route is available only with UNLEASH_UPSTREAM_URL. */
    get: operations['ClientSdkController_delta'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/client/streaming': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Streams the changes of flags; only with UNLEASH_UPSTREAM_URL. */
    get: operations['ClientSdkController_streaming'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/frontend/client/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Stores the impact metrics of a web page. The answer is sent after the commit, and is 200 even if some of them were refused. */
    post: operations['FrontendSdkController_ingest'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/frontend/client/register': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Accepts the registration of a web page. Nothing is stored. With UNLEASH_UPSTREAM_URL, the request is forwarded to Unleash. */
    post: operations['FrontendSdkController_register'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/frontend': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns an empty list of flags or, with UNLEASH_UPSTREAM_URL, the list of Unleash. */
    get: operations['FrontendSdkController_toggles'];
    put?: never;
    /** Returns the same list as GET, for a context that is too long for a URL. */
    post: operations['FrontendSdkController_togglesOfContext'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Stores an export of OpenTelemetry metrics. The answer is sent after the commit, in the encoding of the request. */
    post: operations['OtlpController_export'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/write': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Stores the samples of a remote write request, version 1.0 or 2.0. The answer is sent after the commit. If some samples can't
     *     be stored, the others are stored and the answer is 400, after which senders do not repeat the request.
     */
    post: operations['RemoteWriteController_write'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/push': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Stores an exposition in text format 0.0.4, or in OpenMetrics if the content type says so. Either all samples are stored, or
     *     none.
     */
    post: operations['PrometheusPushController_push'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/metrics/job/{grouping}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Replaces all series of a group with those of an exposition. */
    put: operations['PushgatewayController_replaceGroup[0]'];
    /** Replaces the metrics of a group that have the same names as metrics of the exposition. */
    post: operations['PushgatewayController_replaceMetrics[0]'];
    /** Removes all series of a group from `/metrics`. Their history is kept. */
    delete: operations['PushgatewayController_delete[0]'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/metrics/job@base64/{grouping}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Replaces all series of a group with those of an exposition. */
    put: operations['PushgatewayController_replaceGroup[1]'];
    /** Replaces the metrics of a group that have the same names as metrics of the exposition. */
    post: operations['PushgatewayController_replaceMetrics[1]'];
    /** Removes all series of a group from `/metrics`. Their history is kept. */
    delete: operations['PushgatewayController_delete[1]'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns the live values of all series, as `Accept` prefers: in text format 0.0.4 or 1.0.0, or OpenMetrics 1.0.0 or 0.0.1. */
    get: operations['MetricsController_scrape[0]'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/internal-backstage/prometheus': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns the live values of all series, as `Accept` prefers: in text format 0.0.4 or 1.0.0, or OpenMetrics 1.0.0 or 0.0.1. */
    get: operations['MetricsController_scrape[1]'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/history/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists metrics with their number of series and their last push: by name, by last push, or by number of series. */
    get: operations['HistoryController_findMetrics'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/history/series': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists the series of one metric with their current values. */
    get: operations['HistoryController_findSeries'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/history/samples': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists raw samples in time order: as JSON in pages, or as CSV in one stream. */
    get: operations['HistoryController_findSamples'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/history/query': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns points over time, as JSON or as CSV. The samples of each bucket are combined into one number. */
    get: operations['HistoryController_query'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/history/labels': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists the labels of a metric, or of all metrics, with the number of their values. */
    get: operations['LabelsController_findLabels'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/history/labels/{name}/values': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists the values of one label, each with the number of series that have it. */
    get: operations['LabelsController_findValues'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/history/breakdown': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Ranks labels by how much a metric differs between their values. For each label, the largest values are listed, in the range
     *     and in the period before.
     */
    get: operations['BreakdownController_breakDown'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/history/sparklines': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Returns a short array of numbers for each of up to 24 metrics, and one number each for the range and the period before. */
    post: operations['SparklinesController_compute'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/history/live': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Streams server-sent events, at most five a second, that list the metrics which have received samples in any process. An event
     *     has the name of each metric and the time of its newest sample; other routes return the values.
     */
    get: operations['LiveController_watch'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/custom-metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists the value of each series at the end of each minute with a push. The default range is the last hour. */
    get: operations['UnleashListingController_findRows'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/custom-metrics/prometheus': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns the live values of the custom series in Prometheus' text format, without the service's own metrics. */
    get: operations['UnleashListingController_scrape'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/query': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns the value of an expression at one time. */
    get: operations['QueryController_query'];
    put?: never;
    /** Returns the value of an expression at one time. The parameters are sent as a form. */
    post: operations['QueryController_queryByForm'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/query_range': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns the values of an expression over a range, one for each step. */
    get: operations['QueryController_queryRange'];
    put?: never;
    /** Returns the values of an expression over a range, one for each step. The parameters are sent as a form. */
    post: operations['QueryController_queryRangeByForm'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/series': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists the series that match at least one of the selectors. */
    get: operations['CatalogListingController_series'];
    put?: never;
    /** Lists the series that match at least one of the selectors. The parameters are sent as a form. */
    post: operations['CatalogListingController_seriesByForm'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/labels': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists the label names. */
    get: operations['CatalogListingController_labels'];
    put?: never;
    /** Lists the names of labels. The parameters are sent as a form. */
    post: operations['CatalogListingController_labelsByForm'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/label/{name}/values': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists the values of one label. The values of `__name__` are the names of the metrics. */
    get: operations['CatalogListingController_labelValues'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/metadata': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns the type, help and unit of metrics. */
    get: operations['CatalogListingController_metadata'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/status/buildinfo': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns the version of the API. */
    get: operations['StatusController_buildInfo'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/status/flags': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns the settings that Prometheus also has, under the names that Prometheus uses. */
    get: operations['StatusController_flags'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/status/tsdb': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns the metrics and labels with the most series and values. */
    get: operations['StatusController_tsdbStatus'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/rules': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns an empty list, because there are no rules. */
    get: operations['StatusController_rules'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/alerts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns an empty list, because there are no alerts. */
    get: operations['StatusController_alerts'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/query_exemplars': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns an empty list, because there are no exemplars. */
    get: operations['StatusController_exemplars'];
    put?: never;
    /** Returns an empty list, because there are no exemplars. The parameters are sent as a form. */
    post: operations['StatusController_exemplarsByForm'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/format_query': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns the expression in readable lines. */
    get: operations['ExpressionController_formatQuery'];
    put?: never;
    /** Returns the expression in readable lines. The parameters are sent as a form. */
    post: operations['ExpressionController_formatQueryByForm'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/parse_query': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns the tree of the expression. */
    get: operations['ExpressionController_parseQuery'];
    put?: never;
    /** Returns the tree of the expression. The parameters are sent as a form. */
    post: operations['ExpressionController_parseQueryByForm'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/v1/read': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Returns the samples of the series that a Prometheus server asks for, as a snappy-compressed ReadResponse. */
    post: operations['RemoteReadController_read'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/metrics/{name}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /** Declares a metric. Repeating a declaration changes nothing; the help text and the unit can be changed at any time. */
    put: operations['MetricDeclarationsController_declare'];
    post?: never;
    /** Removes a metric, its series and all their samples permanently. Its name can then be used for a metric of any type. */
    delete: operations['MetricRemovalController_removeMetric'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/metrics/{name}/series': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Removes some series of a metric and all their samples permanently. The next push with their labels creates new series. */
    delete: operations['MetricRemovalController_removeSeries'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/metrics/{name}/samples': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Permanently deletes the samples of a metric in a time range. Afterwards, every answer of the service is as if these samples
     *     had never been pushed, so the values of counters step back once.
     */
    delete: operations['CorrectionsController_deleteSamples'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/corrections': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists the newest deletions of samples by all processes. */
    get: operations['CorrectionsController_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/metrics/{name}/rename': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Renames a metric with its whole history; a histogram or summary is renamed together with its counters. Pushes under the former name then
     *     create a new metric. A repeated request gets the first answer again.
     */
    post: operations['RenamesController_rename'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/renames': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists the newest renames by all processes. */
    get: operations['RenamesController_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/refusals': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists the newest refusals of items and whole requests by all processes, the latest first. Refusals with the same token,
     *     reason and metric share one entry. A refusal is listed within about a second.
     */
    get: operations['RefusalsController_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/storage': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Returns the sizes of the tables, the number of samples, and the lags of compaction and of the answering process. An answer
     *     can be up to ten seconds old.
     */
    get: operations['StorageController_read'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/tokens': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Lists all tokens without their secrets, with the number of series that each has created and of samples pushed with it. */
    get: operations['ApiTokensController_list'];
    put?: never;
    /** Creates a token. Only this answer shows its secret. */
    post: operations['ApiTokensController_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/admin/tokens/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /** Revokes a token. Every process starts to refuse it within a second. */
    delete: operations['ApiTokensController_revoke'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/api/explorer/session': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Returns the session of the request, and the facts about the service that a page needs. */
    get: operations['SessionController_show'];
    put?: never;
    /**
     * Opens a session. The header `Authorization` contains a token with the scope read or admin, or the one-time secret of a
     *     sign-in link. Of the scopes read and admin, the session gets those that the token has. Only this answer contains the secret
     *     of the session.
     */
    post: operations['SignInController_open'];
    /** Ends the session of the request. Within a second, every process refuses requests of this session. */
    delete: operations['SignInController_end'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    HealthProblem: {
      /** @description The work, as the end of a sentence that begins with "could not". */
      work: string;
      /** @description The reason for the last failure. */
      reason: string;
      /** @description The number of seconds for which the work has been failing. */
      seconds: number;
    };
    ForwardingHealth: {
      /** @description The number of seconds since everything that had arrived was forwarded; 0 while that is not known. */
      lagSeconds: number;
      /** @description Whether this process is the one that forwards. */
      isActive: boolean;
    };
    HealthResponse: {
      /**
       * @description `degraded` means that necessary background work fails, although pushes may still be accepted.
       * @enum {string}
       */
      status: 'degraded' | 'ok';
      problems: components['schemas']['HealthProblem'][];
      /** @description The state of the forwarding by remote write. It is missing if nothing is forwarded. */
      forwarding?: components['schemas']['ForwardingHealth'];
    };
    MetricSampleDto: {
      /**
       * @description For a counter, the increase since the last push (or the running total, with `cumulative`); for a gauge, the current value.
       *     Numbers may be written as text. An item with null, which JSON writes for NaN, is refused; the other items are stored.
       * @example 1
       */
      value: number | null;
      /**
       * @description The labels. Numbers and booleans become text. A label with an empty value counts as absent.
       * @example {
       *       "status": "200",
       *       "method": "GET"
       *     }
       */
      labels?: {
        [key: string]: string | number | boolean;
      };
      /**
       * @description The time of the measurement: milliseconds since the epoch, or ISO 8601. The default is the time of arrival.
       * @example 2026-11-24T12:00:00.000Z
       */
      timestamp?: (number | string) | null;
      /**
       * @description The name of the metric. Characters that Prometheus does not allow become `_`. Names that end in `_total`, `_count`, `_sum` or
       *     `_bucket` are counters unless declared otherwise; all others are gauges.
       * @example http_responses_total
       */
      name: string;
      /**
       * @description Declares the metric's type, which can't change afterwards.
       * @enum {string|null}
       */
      type?: 'counter' | 'gauge' | null;
      /**
       * @description The meaning of a counter's value: `delta` is an increase, `cumulative` is the running total since the client started.
       * @enum {string|null}
       */
      temporality?: 'cumulative' | 'delta' | null;
      /** @description The help text at `/metrics`. The first text that is sent for a metric is kept. */
      help?: string | null;
      /** @example seconds */
      unit?: string | null;
    };
    MetricBatchDto: {
      /** @description The samples. The list may be empty. */
      metrics: components['schemas']['MetricSampleDto'][];
    };
    RejectedItemResponse: {
      /** @description The index of the item in `metrics`, counted from 0. */
      index: number;
      /**
       * @description The reason, as a machine-readable code.
       * @enum {string}
       */
      reason:
        | 'bucket_label_invalid'
        | 'data_point_invalid'
        | 'help_too_long'
        | 'histogram_invalid'
        | 'item_invalid'
        | 'label_name_duplicate'
        | 'label_name_invalid'
        | 'label_name_too_long'
        | 'label_value_too_long'
        | 'name_invalid'
        | 'name_too_long'
        | 'negative_delta'
        | 'reserved_name'
        | 'series_limit'
        | 'series_memory_limit'
        | 'temporality_conflict'
        | 'timestamp_too_new'
        | 'timestamp_too_old'
        | 'too_many_labels'
        | 'too_many_samples'
        | 'type_conflict'
        | 'unit_conflict'
        | 'unsupported_type'
        | 'value_invalid';
      /** @description A text that says what was wrong, which limit applies, and how to fix it. */
      message: string;
    };
    IngestReportResponse: {
      /** @description The number of samples that were stored. */
      accepted: number;
      /** @description The first 100 refused items. */
      rejected: components['schemas']['RejectedItemResponse'][];
      /** @description The total number of refused items. */
      rejectedCount: number;
    };
    ImpactSampleDto: {
      /**
       * @example {
       *       "appName": "shop",
       *       "environment": "production"
       *     }
       */
      labels?: {
        [key: string]: string;
      };
      value: number;
    };
    ImpactBucketDto: {
      le: number | '+Inf';
      /** @description The cumulative count, which includes the smaller buckets. */
      count: number;
    };
    ImpactHistogramSampleDto: {
      labels?: {
        [key: string]: string;
      };
      count: number;
      sum: number;
      buckets: components['schemas']['ImpactBucketDto'][];
    };
    ImpactMetricDto: {
      /** @enum {string} */
      type: 'counter' | 'gauge' | 'histogram';
      samples: (components['schemas']['ImpactSampleDto'] | components['schemas']['ImpactHistogramSampleDto'])[];
      /** @example purchases */
      name: string;
      /** @example Number of purchases */
      help?: string;
    };
    SdkMetricsDto: {
      /** @description The usage counts of flags, which are accepted but not stored. */
      bucket?: {
        [key: string]: unknown;
      } | null;
      impactMetrics?: components['schemas']['ImpactMetricDto'][];
      /** @example shop */
      appName: string;
    };
    EdgeMetricsDto: {
      /** @description The applications, which are accepted but not stored. */
      applications: {
        [key: string]: unknown;
      }[];
      /** @description The usage counts of flags, which are accepted but not stored. */
      metrics: {
        [key: string]: unknown;
      }[];
      impactMetrics?: components['schemas']['ImpactMetricDto'][];
    };
    FeaturesResponse: {
      features: Record<string, never>[];
      segments: Record<string, never>[];
      version: number;
    };
    TogglesResponse: {
      toggles: Record<string, never>[];
    };
    PartialSuccessResponse: {
      /** @description The number of refused data points, as text, because protobuf's JSON writes 64-bit integers as text. */
      rejectedDataPoints: string;
      /** @description The first reasons. Each says what was wrong, which limit applies, and how to fix it. */
      errorMessage: string;
    };
    ExportMetricsResponse: {
      /** @description The refused data points; absent if everything was accepted. */
      partialSuccess?: components['schemas']['PartialSuccessResponse'];
    };
    ListedMetricResponse: {
      name: string;
      /** @enum {string} */
      type: 'counter' | 'gauge' | 'histogram';
      /**
       * @description The declared temporality of all its series; null for a gauge, or if each series has its own.
       * @enum {string|null}
       */
      temporality: 'cumulative' | 'delta' | null;
      help: string | null;
      unit: string | null;
      seriesCount: number;
      /** @description The time at which a sample last arrived; null if none has arrived. */
      lastPushAt: string | null;
    };
    MetricsResponse: {
      /** @description The number of metrics that match, on all pages together. */
      total: number;
      /** @description The metrics, in the requested order. */
      metrics: components['schemas']['ListedMetricResponse'][];
      /** @description The cursor for the next page; null on the last page. */
      nextCursor: string | null;
    };
    ListedSeriesResponse: {
      /**
       * @description The value that `/metrics` shows: the total of a series of deltas, or the last value of any other series. It is null before
       *     the first sample, and while the series is stale. An infinite value is written as the text `+Inf` or `-Inf`.
       */
      value: (number | ('+Inf' | '-Inf')) | null;
      id: number;
      metric: string;
      /**
       * @example {
       *       "status": "200"
       *     }
       */
      labels: {
        [key: string]: string;
      };
      /**
       * @description The temporality: whether the samples are increments or totals; null for a gauge whose samples are values.
       * @enum {string|null}
       */
      temporality: 'cumulative' | 'delta' | null;
      createdAt: string;
      /** @description The time at which a sample last arrived; null if none has arrived. */
      lastPushAt: string | null;
    };
    SeriesResponse: {
      /** @description The series, in the order of their creation. */
      series: components['schemas']['ListedSeriesResponse'][];
      /** @description The cursor for the next page; null on the last page. */
      nextCursor: string | null;
    };
    SampleResponse: {
      /**
       * @description The value as it was pushed: the increment of a series of deltas, the client's total of a cumulative counter, or the value of
       *     a gauge. Null is a stale marker, which means that the series has no value from this time until its next sample. An infinite
       *     value is written as the text `+Inf` or `-Inf`.
       */
      value: (number | ('+Inf' | '-Inf')) | null;
      /** @description The id of the series, as in `/api/history/series`. */
      seriesId: number;
      /**
       * @example {
       *       "status": "200"
       *     }
       */
      labels: {
        [key: string]: string;
      };
      /** @example 2026-11-24T12:00:00.000Z */
      at: string;
    };
    SamplesResponse: {
      metric: string;
      /** @description The samples, ordered by time, then by series, then by arrival. */
      samples: components['schemas']['SampleResponse'][];
      /** @description The cursor for the next page; null on the last page. */
      nextCursor: string | null;
      /** @description The beginning, inclusive. */
      from: string;
      /** @description The end, exclusive. */
      to: string;
      /** @description True if the range is smaller than the requested one. */
      truncated: boolean;
      /** @description The reason why the range is smaller than the requested one. */
      truncatedBecause?: string;
    };
    RangeResponse: {
      /** @description The beginning, inclusive. */
      from: string;
      /** @description The end, exclusive. */
      to: string;
      /** @description True if the range is smaller than the requested one. */
      truncated: boolean;
      /** @description The reason why the range is smaller than the requested one. */
      truncatedBecause?: string;
    };
    PointResponse: {
      /**
       * @description Start of the bucket.
       * @example 2026-11-24T12:00:00.000Z
       */
      at: string;
      /**
       * @description Null when the bucket has no value, or an infinite one; docs/history.md says when that is the case. Absent when there are
       *     several aggregates.
       */
      value?: number | null;
      /**
       * @description The value of each aggregate, when there are several.
       * @example {
       *       "avg": 4.5,
       *       "max": 9
       *     }
       */
      values?: {
        [key: string]: unknown;
      };
      /** @description True when the bucket has not ended yet, or begins before the range or ends after it, so that other samples belong to it too. */
      unfinished?: boolean;
    };
    LineResponse: {
      /**
       * @description The values of the `groupBy` labels, which all series of the line share.
       * @example {
       *       "status": "200"
       *     }
       */
      labels: {
        [key: string]: string;
      };
      /** @description The number of lines that `lines` left out, on the line that combines them. With `groupBy=le`, each bound has such a line. */
      others?: number;
      /** @description One point for each bucket. */
      points: components['schemas']['PointResponse'][];
      /** @description One point for each bucket of the earlier range, when there is one to compare with. */
      compare?: components['schemas']['PointResponse'][];
    };
    RangeQueryResponse: {
      metric: string;
      /** @enum {string} */
      type: 'counter' | 'gauge' | 'histogram';
      /**
       * @description The aggregates, separated by commas.
       * @example increase
       */
      aggregate: string;
      /** @example 30s */
      step: string;
      /**
       * @description The length of a step in seconds; null when the step is a calendar unit, whose length varies.
       * @example 30
       */
      stepSeconds: number | null;
      /**
       * @description The time zone of the request.
       * @example Europe/Berlin
       */
      tz?: string;
      /** @description The earlier range, when there is one to compare with. */
      compare?: components['schemas']['RangeResponse'];
      /** @description The number of lines that there would be without the limit of `lines`. All buckets of a histogram are one line. */
      linesTotal?: number;
      /** @description One line for each group, in the order in which their first series were created; with `lines`, the largest first. */
      series: components['schemas']['LineResponse'][];
      /** @description The beginning, inclusive. */
      from: string;
      /** @description The end, exclusive. */
      to: string;
      /** @description True if the range is smaller than the requested one. */
      truncated: boolean;
      /** @description The reason why the range is smaller than the requested one. */
      truncatedBecause?: string;
    };
    ListedLabelResponse: {
      /** @example status */
      name: string;
      /** @description The number of series that have the label. */
      seriesCount: number;
      /** @description The number of different values of the label. */
      valuesCount: number;
    };
    LabelsResponse: {
      /** @description The range, if the request has one. */
      range?: components['schemas']['RangeResponse'];
      /** @description The number of labels that match, on all pages together. */
      total: number;
      /** @description The labels, in the order of their names. */
      labels: components['schemas']['ListedLabelResponse'][];
      /** @description The cursor for the next page; null on the last page. */
      nextCursor: string | null;
    };
    ListedValueResponse: {
      /** @example 200 */
      value: string;
      seriesCount: number;
    };
    LabelValuesResponse: {
      /** @description The name of the label. */
      label: string;
      /** @description The range, if the request has one. */
      range?: components['schemas']['RangeResponse'];
      /** @description The number of values that match, on all pages together. */
      total: number;
      /** @description The values, in the requested order. */
      values: components['schemas']['ListedValueResponse'][];
      /** @description The cursor for the next page; null on the last page. */
      nextCursor: string | null;
    };
    BrokenDownValueResponse: {
      /**
       * @description The value of the label; '' stands for series that lack the label.
       * @example de
       */
      value: string;
      /** @description The measure in the range; null for a gauge or histogram without samples to compute it from. */
      now: number | null;
      /** @description The measure in the period before; null for a gauge or histogram without samples to compute it from. */
      before: number | null;
      /** @description The number of series with the value that have samples in the range or in the period before. */
      seriesCount: number;
      /**
       * @description `new` if the value has samples only in the range, `vanished` if it has samples only in the period before. Absent otherwise,
       *     and if retention has dropped the whole period before.
       * @enum {string}
       */
      state?: 'new' | 'vanished';
    };
    BrokenDownLabelResponse: {
      /** @example country */
      name: string;
      /**
       * @description The score: the larger it is, the more the metric differs between the values of the label. Null for a label with one value or
       *     with more than 100 values.
       */
      score: number | null;
      /** @description The number of values with samples in the range or in the period before. */
      valuesTotal: number;
      /** @description The number of values that are new. */
      newTotal: number;
      /** @description The number of values that have vanished. */
      vanishedTotal: number;
      /** @description The values that are largest in either of the two periods: first the new ones by size, then the others by size. */
      values: components['schemas']['BrokenDownValueResponse'][];
      /** @description The largest of the values that have vanished. */
      vanished: components['schemas']['BrokenDownValueResponse'][];
    };
    BreakdownResponse: {
      /** @description The beginning, inclusive. */
      from: string;
      /** @description The end, exclusive. */
      to: string;
      /** @description True if the range is smaller than the requested one. */
      truncated: boolean;
      /** @description The reason why the range is smaller than the requested one. */
      truncatedBecause?: string;
      metric: string;
      /** @enum {string} */
      type: 'counter' | 'gauge' | 'histogram';
      /**
       * @description The number that is compared: the increase of a counter, the average of a gauge, the 95th percentile of a histogram.
       * @example increase
       * @enum {string}
       */
      measure: 'avg' | 'increase' | 'p95';
      /** @description The period before the range. It is as long as the range, unless retention has dropped a part of it. */
      compare: components['schemas']['RangeResponse'];
      total: {
        now: number | null;
        before: number | null;
      };
      /** @description The number of labels of the series. At most 50 labels are compared, namely those that occur in the most series. */
      labelsTotal: number;
      /** @description The labels: those with the highest score first, then those without a score by name. */
      labels: components['schemas']['BrokenDownLabelResponse'][];
    };
    SparklinesDto: {
      /**
       * @description Beginning of the range, inclusive; the default is an hour before `to`. RFC 3339, seconds or milliseconds since the epoch, `now`, or an offset from now.
       * @example -24h
       */
      from?: string;
      /**
       * @description End of the range, exclusive; the default is now.
       * @example now
       */
      to?: string;
      /**
       * @description The exact names of at most 24 metrics.
       * @example [
       *       "orders_total",
       *       "queue_length"
       *     ]
       */
      metrics: string[];
      /**
       * @description Number of points of each sparkline; the default is 48.
       * @example 48
       */
      points?: number;
    };
    SparklineResponse: {
      /**
       * @description One number for each point, or null where there is none.
       * @example [
       *       3,
       *       0,
       *       5
       *     ]
       */
      values?: (number | null)[];
      /** @example orders_total */
      metric: string;
      /** @enum {string} */
      type?: 'counter' | 'gauge' | 'histogram';
      /**
       * @description The number that the points show: the increase of a counter, the average of a gauge (its last value where it has no sample),
       *     or the 95th percentile of a histogram.
       * @example increase
       * @enum {string}
       */
      measure?: 'avg' | 'increase' | 'p95';
      /** @description The number for the whole range: the increase of a counter, the last value of a gauge, the percentile of a histogram. */
      now?: number | null;
      /** @description The number for the whole period before. */
      before?: number | null;
      /** @description The reason why there is no sparkline, for example because the metric does not exist or has too many samples. */
      error?: string;
    };
    SparklinesResponse: {
      /** @description The beginning, inclusive. */
      from: string;
      /** @description The end, exclusive. */
      to: string;
      /** @description True if the range is smaller than the requested one. */
      truncated: boolean;
      /** @description The reason why the range is smaller than the requested one. */
      truncatedBecause?: string;
      /** @description The period before the range. It is as long as the range, unless retention has dropped a part of it. */
      compare: components['schemas']['RangeResponse'];
      /** @description The number of seconds from one point to the next. */
      stepSeconds: number;
      /** @description One sparkline for each requested metric, in the order of the request. */
      sparklines: components['schemas']['SparklineResponse'][];
    };
    MinuteRowResponse: {
      /** @description The running total of a series of deltas, or the last value of any other series. */
      value: number | ('+Inf' | '-Inf');
      name: string;
      /** @description The labels; absent if the series has none. */
      labels?: {
        [key: string]: string;
      };
      /**
       * @description The beginning of the minute, in UTC.
       * @example 2026-11-24T12:00:00.000Z
       */
      timestamp: string;
    };
    MinuteRowsResponse: {
      /** @description The beginning, inclusive. */
      from: string;
      /** @description The end, exclusive. */
      to: string;
      /** @description True if the range is smaller than the requested one. */
      truncated: boolean;
      /** @description The reason why the range is smaller than the requested one. */
      truncatedBecause?: string;
      /** @description One row for each series and each minute in which it was pushed, in the order of minutes. */
      metrics: components['schemas']['MinuteRowResponse'][];
      /** @description The number of rows on this page. */
      count: number;
      /** @description The names on this page, in the order in which they appear. */
      metricNames: string[];
      /** @description The cursor for the next page; absent on the last page. */
      nextCursor?: string;
    };
    MetricDeclarationDto: {
      /**
       * @description The type, which can't change afterwards. A histogram consists of the counters `<name>_bucket` (with the label `le`),
       *     `<name>_sum` and `<name>_count`.
       * @enum {string}
       */
      type: 'counter' | 'gauge' | 'histogram';
      /**
       * @description The temporality of counter samples that do not set their own.
       * @enum {string}
       */
      temporality?: 'cumulative' | 'delta';
      /** @description The help text at `/metrics`. */
      help?: string;
      /**
       * @description The unit, as free text. A new unit replaces the old one, and pushes that still give the old one are refused.
       * @example seconds
       */
      unit?: string;
    };
    MetricResponse: {
      name: string;
      /** @enum {string} */
      type: 'counter' | 'gauge' | 'histogram';
      /** @enum {string|null} */
      temporality: 'cumulative' | 'delta' | null;
      help: string | null;
      unit: string | null;
      /** Format: date-time */
      createdAt: string;
    };
    RemovalResponse: {
      metric: string;
      /** @description True for a dry run, which removes nothing. */
      dryRun: boolean;
      /** @description The number of removed series. For a histogram, these are the series of its counters. */
      seriesCount: number;
      /** @description The number of raw samples of these series. */
      sampleCount: number;
      /**
       * @description The number of blocks and chunks (rows) that hold these samples, except for the newest samples, which are in the log. A block
       *     also holds samples of other series.
       */
      chunkCount: number;
    };
    CorrectionResponse: {
      /** @example http_responses_total */
      metric: string;
      /** @description True for a dry run, which deletes nothing. */
      dryRun: boolean;
      /**
       * @description Beginning of the range, inclusive.
       * @example 2026-11-24T12:00:00.000Z
       */
      from: string;
      /**
       * @description End of the range, exclusive.
       * @example 2026-11-24T12:30:00.000Z
       */
      to: string;
      /**
       * @description The number of series that lose samples.
       * @example 12
       */
      seriesCount: number;
      /**
       * @description The number of raw samples that are deleted.
       * @example 1440
       */
      sampleCount: number;
      /**
       * @description The number of blocks and chunks (rows) that hold some of these samples. The newest samples are in the log instead.
       * @example 2
       */
      blockCount: number;
      /**
       * @description The number of counters whose value on `/metrics` becomes lower, or may become lower. If it is not 0, `note` says what this
       *     means.
       * @example 12
       */
      fallingCounterCount: number;
      /**
       * @description The consequence for Prometheus; null if no counter falls.
       * @example The values of 12 counters step back once on /metrics. Prometheus takes this for a restart of the counter, so its increase() over that moment counts the remaining value again.
       */
      note: string | null;
    };
    StoredCorrectionResponse: {
      /** @example 7 */
      id: number;
      /**
       * @description The time of the correction.
       * @example 2026-11-24T14:03:12.481Z
       */
      at: string;
      /**
       * @description The name of the token that asked for it; null if the token no longer exists, or if a guard of the app admitted the request.
       * @example operator
       */
      token: string | null;
      /** @example http_responses_total */
      metric: string;
      /**
       * @description The label filters, as in the request.
       * @example [
       *       "status=200"
       *     ]
       */
      labels: string[];
      /**
       * @description Beginning of the range of sample times, inclusive.
       * @example 2026-11-24T12:00:00.000Z
       */
      from: string;
      /**
       * @description End of the range, exclusive.
       * @example 2026-11-24T12:30:00.000Z
       */
      to: string;
      /** @example 12 */
      seriesCount: number;
      /** @example 1440 */
      sampleCount: number;
      /** @example 2 */
      blockCount: number;
    };
    CorrectionsResponse: {
      /** @description The corrections, the latest first. */
      corrections: components['schemas']['StoredCorrectionResponse'][];
    };
    RenameDto: {
      /**
       * @description The new name. It must be legal as given, because illegal characters are not replaced.
       * @example http_responses_total
       */
      to: string;
    };
    RenamedMetricResponse: {
      /** @example http_respones_total */
      from: string;
      /** @example http_responses_total */
      to: string;
    };
    RenameResponse: {
      /**
       * @description The former name, as in the request.
       * @example http_respones_total
       */
      metric: string;
      /**
       * @description The new name.
       * @example http_responses_total
       */
      to: string;
      /** @description True for a dry run, which renames nothing. */
      dryRun: boolean;
      /** @description True if an earlier request has already renamed the metric in the same way, and this one has changed nothing. */
      isReplay: boolean;
      /** @description The metric itself and, for a histogram or summary, its counters. */
      renamed: components['schemas']['RenamedMetricResponse'][];
      /**
       * @description The number of series of all these metrics.
       * @example 12
       */
      seriesCount: number;
      /** @description The consequences for clients, dashboards and scrapers. */
      note: string;
    };
    StoredRenameResponse: {
      /**
       * @description Increases with each rename, but not always by one.
       * @example 1208
       */
      id: number;
      /**
       * @description The time of the rename.
       * @example 2026-11-24T14:03:12.481Z
       */
      at: string;
      /**
       * @description The name of the token that asked for it; null if the token no longer exists, or if a guard of the app admitted the request.
       * @example operator
       */
      token: string | null;
      /**
       * @description The former name.
       * @example http_respones_total
       */
      metric: string;
      /**
       * @description The new name. The metric may have been renamed again or removed since.
       * @example http_responses_total
       */
      to: string;
      /** @example 12 */
      seriesCount: number;
    };
    RenamesResponse: {
      /** @description The renames, the latest first. */
      renames: components['schemas']['StoredRenameResponse'][];
    };
    RefusalResponse: {
      /**
       * @description The time of the latest refusal.
       * @example 2026-11-24T12:00:04.120Z
       */
      lastAt: string;
      /**
       * @description The time of the first refusal that `count` includes.
       * @example 2026-11-24T11:02:51.000Z
       */
      firstAt: string;
      /**
       * @description The number of refusals since `firstAt`. It is a lower bound, because only the first hundred refused items of a batch are
       *     recorded.
       * @example 14
       */
      count: number;
      /**
       * @description The name of the token, or null if the request had no valid one.
       * @example shop-ingest
       */
      token: string | null;
      /**
       * @description The reason, as in the answer to the push. If a whole request was refused, it is one of `request_invalid`, `token_unknown`,
       *     `token_not_allowed`, `request_too_large`, `content_type_unknown`, `idempotency_key_reused` or `too_many_requests`.
       * @example type_conflict
       */
      reason: string;
      /** @description The message of the latest refusal, cut to 500 characters. */
      message: string;
      /**
       * @description The name of the metric as the client sent it, cut to 200 characters, or null if a whole request was refused.
       * @example orders_total
       */
      metric: string | null;
      /**
       * @description The value of the latest refusal as the client sent it, cut to 200 characters, or null if there is none.
       * @example 3
       */
      value: string | null;
    };
    RefusalsResponse: {
      /** @description The refusals, the latest first. */
      refusals: components['schemas']['RefusalResponse'][];
    };
    TableSizeResponse: {
      /** @example sample_block_merged */
      name: string;
      /** @example 97517568 */
      bytes: number;
    };
    ProcessResponse: {
      /** @description The id of the process in the table `sample_writer`. */
      id: number;
      /** @description True for the process that answers. */
      isThis: boolean;
      /** @example 2026-11-24T08:00:00.000Z */
      startedAt: string;
      /** @description Seconds since its last heartbeat, which comes every minute. */
      heartbeatAgeSeconds: number;
      /** @description The time of its newest commit that is still in the log, or null if there is none. */
      lastCommitAt: string | null;
    };
    StorageResponse: {
      /**
       * @description The time of the report, which can be up to ten seconds old.
       * @example 2026-11-24T12:00:00.000Z
       */
      at: string;
      /** @description The disk space of the whole database, including tables of other applications. */
      databaseBytes: number;
      /** @description The tables of the service, the largest first. */
      tables: components['schemas']['TableSizeResponse'][];
      /** @description The number of all samples, or null if counting takes longer than four seconds or than `STORE_WAIT_MS`. */
      sampleCount: number | null;
      /** @description The number of samples that are not compacted yet, or null if counting takes longer than four seconds or than `STORE_WAIT_MS`. */
      logSampleCount: number | null;
      /** @description The time of the oldest sample, or null if there is none or counting takes longer than four seconds or than `STORE_WAIT_MS`. */
      oldestSampleAt: string | null;
      /**
       * @description The average disk space of a compacted sample, or null if there is none or counting takes longer than four seconds or than `STORE_WAIT_MS`.
       * @example 9.8
       */
      bytesPerSample: number | null;
      /**
       * @description The age of the oldest samples in the log, in seconds. It is usually slightly above `COMPACTION_HORIZON_SECONDS`.
       * @example 131.2
       */
      compactionLagSeconds: number;
      /**
       * @description The time by which the answering process lags behind the commits of the other processes, in seconds.
       * @example 0.2
       */
      peerLagSeconds: number;
      /** @description The processes that are alive, at most 100, the newest first. */
      processes: components['schemas']['ProcessResponse'][];
    };
    CreateApiTokenDto: {
      name: string;
      scopes: ('admin' | 'frontend' | 'ingest' | 'read' | 'scrape')[];
      /**
       * @description Labels that are added to every sample pushed with the token. They override the labels of the sample.
       * @example {
       *       "team": "checkout"
       *     }
       */
      labels?: {
        [key: string]: string;
      };
      /**
       * @description The temporality of counter samples of this token if neither the sample nor its metric sets it.
       * @enum {string}
       */
      defaultTemporality?: 'cumulative' | 'delta';
      /** @example 2027-01-01T00:00:00Z */
      expiresAt?: string;
    };
    CreatedApiTokenResponse: {
      /** @example cmk_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA */
      token: string;
      id: number;
      name: string;
      scopes: ('admin' | 'frontend' | 'ingest' | 'read' | 'scrape')[];
      /** @description Labels that are added to every sample pushed with the token. */
      labels: {
        [key: string]: string;
      };
      /**
       * @description The temporality of counter samples of this token if neither the sample nor its metric sets it.
       * @enum {string|null}
       */
      defaultTemporality: 'cumulative' | 'delta' | null;
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      expiresAt: string | null;
      /** Format: date-time */
      revokedAt: string | null;
      /**
       * Format: date-time
       * @description The time of the last use, which is updated with a delay of up to half a minute.
       */
      lastUsedAt: string | null;
      /** @description The number of series that the token has created. */
      seriesCount: number;
      /** @description The number of samples that were accepted since `countedSince`. Other processes add theirs every ten seconds. */
      samplesAccepted: number;
      /** @description The number of samples that were refused since `countedSince`. Requests that were refused as a whole are not counted. */
      samplesRefused: number;
      /**
       * Format: date-time
       * @description The time since which samples are counted, or null if none were pushed.
       */
      countedSince: string | null;
    };
    ApiTokenResponse: {
      id: number;
      name: string;
      scopes: ('admin' | 'frontend' | 'ingest' | 'read' | 'scrape')[];
      /** @description Labels that are added to every sample pushed with the token. */
      labels: {
        [key: string]: string;
      };
      /**
       * @description The temporality of counter samples of this token if neither the sample nor its metric sets it.
       * @enum {string|null}
       */
      defaultTemporality: 'cumulative' | 'delta' | null;
      /** Format: date-time */
      createdAt: string;
      /** Format: date-time */
      expiresAt: string | null;
      /** Format: date-time */
      revokedAt: string | null;
      /**
       * Format: date-time
       * @description The time of the last use, which is updated with a delay of up to half a minute.
       */
      lastUsedAt: string | null;
      /** @description The number of series that the token has created. */
      seriesCount: number;
      /** @description The number of samples that were accepted since `countedSince`. Other processes add theirs every ten seconds. */
      samplesAccepted: number;
      /** @description The number of samples that were refused since `countedSince`. Requests that were refused as a whole are not counted. */
      samplesRefused: number;
      /**
       * Format: date-time
       * @description The time since which samples are counted, or null if none were pushed.
       */
      countedSince: string | null;
    };
    SessionResponse: {
      /**
       * @description The means by which the request was admitted: a session, a token that was sent directly, or a guard of the app. Only a session
       *     can be ended.
       * @example session
       * @enum {string}
       */
      signedInBy: 'host' | 'session' | 'token';
      /** @description The name of the token that opened the session or was sent directly, or of the sender that a guard of the app has admitted. */
      tokenName: string;
      /**
       * @description The permissions of the request: `read` allows queries, and `admin` allows the management of tokens and metrics.
       * @example [
       *       "read",
       *       "admin"
       *     ]
       */
      scopes: ('admin' | 'read')[];
      /**
       * Format: date-time
       * @description The time at which the session or the token expires; null if the token never expires, or if a guard of the app has admitted
       *     the request.
       * @example 2026-11-29T02:00:00.000Z
       */
      expiresAt: string | null;
      /**
       * Format: date-time
       * @description The current time of the server.
       * @example 2026-11-28T14:00:00.000Z
       */
      serverTime: string;
      /** @example 0.1.0 */
      version: string;
      /**
       * @description The number of days for which samples are kept.
       * @example 90
       */
      retentionDays: number;
      /**
       * @description The groups of routes that this service has. An app that uses the module can switch some off.
       * @example [
       *       "push",
       *       "pushgateway",
       *       "otlp",
       *       "remoteWrite",
       *       "unleash",
       *       "exposition",
       *       "history",
       *       "promql",
       *       "admin"
       *     ]
       */
      routes: string[];
    };
    OpenedSessionResponse: {
      /**
       * @description The means by which the request was admitted: a session, a token that was sent directly, or a guard of the app. Only a session
       *     can be ended.
       * @example session
       * @enum {string}
       */
      signedInBy: 'host' | 'session' | 'token';
      /** @description The name of the token that opened the session or was sent directly, or of the sender that a guard of the app has admitted. */
      tokenName: string;
      /**
       * @description The permissions of the request: `read` allows queries, and `admin` allows the management of tokens and metrics.
       * @example [
       *       "read",
       *       "admin"
       *     ]
       */
      scopes: ('admin' | 'read')[];
      /**
       * Format: date-time
       * @description The time at which the session or the token expires; null if the token never expires, or if a guard of the app has admitted
       *     the request.
       * @example 2026-11-29T02:00:00.000Z
       */
      expiresAt: string | null;
      /**
       * Format: date-time
       * @description The current time of the server.
       * @example 2026-11-28T14:00:00.000Z
       */
      serverTime: string;
      /** @example 0.1.0 */
      version: string;
      /**
       * @description The number of days for which samples are kept.
       * @example 90
       */
      retentionDays: number;
      /**
       * @description The groups of routes that this service has. An app that uses the module can switch some off.
       * @example [
       *       "push",
       *       "pushgateway",
       *       "otlp",
       *       "remoteWrite",
       *       "unleash",
       *       "exposition",
       *       "history",
       *       "promql",
       *       "admin"
       *     ]
       */
      routes: string[];
      /**
       * @description The secret of the session. Requests send it in the header `Authorization`, like a token.
       * @example cms_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
       */
      secret: string;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  HealthController_show: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['HealthResponse'];
        };
      };
    };
  };
  HealthController_live: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  HealthController_ready: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The Health Check is successful */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @example ok
             * @enum {string}
             */
            status?: 'degraded' | 'ok';
            /**
             * @example {
             *       "database": {
             *         "status": "up",
             *         "responseTime": 12
             *       }
             *     }
             */
            info?: {
              [key: string]: {
                /** @enum {string} */
                status: 'degraded' | 'down' | 'up';
                /** @description Time the health indicator took to respond, in ms */
                responseTime?: number;
              } & {
                [key: string]: unknown;
              };
            } | null;
            /** @example {} */
            error?: {
              [key: string]: {
                /** @enum {string} */
                status: 'degraded' | 'down' | 'up';
                /** @description Time the health indicator took to respond, in ms */
                responseTime?: number;
              } & {
                [key: string]: unknown;
              };
            } | null;
            /**
             * @example {
             *       "database": {
             *         "status": "up",
             *         "responseTime": 12
             *       }
             *     }
             */
            details?: {
              [key: string]: {
                /** @enum {string} */
                status: 'degraded' | 'down' | 'up';
                /** @description Time the health indicator took to respond, in ms */
                responseTime?: number;
              } & {
                [key: string]: unknown;
              };
            };
          };
        };
      };
      /** @description The Health Check is not successful */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * @example error
             * @enum {string}
             */
            status?: 'error' | 'shutting_down';
            /**
             * @example {
             *       "database": {
             *         "status": "up",
             *         "responseTime": 12
             *       }
             *     }
             */
            info?: {
              [key: string]: {
                /** @enum {string} */
                status: 'degraded' | 'down' | 'up';
                /** @description Time the health indicator took to respond, in ms */
                responseTime?: number;
              } & {
                [key: string]: unknown;
              };
            } | null;
            /**
             * @example {
             *       "redis": {
             *         "status": "down",
             *         "message": "Could not connect",
             *         "responseTime": 3005
             *       }
             *     }
             */
            error?: {
              [key: string]: {
                /** @enum {string} */
                status: 'degraded' | 'down' | 'up';
                /** @description Time the health indicator took to respond, in ms */
                responseTime?: number;
              } & {
                [key: string]: unknown;
              };
            } | null;
            /**
             * @example {
             *       "database": {
             *         "status": "up",
             *         "responseTime": 12
             *       },
             *       "redis": {
             *         "status": "down",
             *         "message": "Could not connect",
             *         "responseTime": 3005
             *       }
             *     }
             */
            details?: {
              [key: string]: {
                /** @enum {string} */
                status: 'degraded' | 'down' | 'up';
                /** @description Time the health indicator took to respond, in ms */
                responseTime?: number;
              } & {
                [key: string]: unknown;
              };
            };
          };
        };
      };
    };
  };
  CustomMetricsController_ingest: {
    parameters: {
      query?: never;
      header?: {
        /** @description Names the request, so that it can be sent again without being stored again: 1 to 255 visible ASCII characters, bare or in quotes, remembered for IDEMPOTENCY_RETENTION */
        'Idempotency-Key'?: string;
        /** @description One bad item refuses the whole batch (RFC 7240) */
        Prefer?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['MetricBatchDto'];
      };
    };
    responses: {
      /** @description Committed. There is a body only if some items were refused */
      202: {
        headers: {
          /** @description `true` if a request with the same Idempotency-Key was committed before, and this is its answer */
          'Idempotency-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['IngestReportResponse'];
        };
      };
      /** @description The body does not fit the schema; nothing was stored */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope ingest */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is larger than INGEST_MAX_BODY_BYTES after inflation */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is not application/json, or its encoding is not gzip or deflate */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The Idempotency-Key belongs to a request with another body */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description More requests than INGEST_RATE_LIMIT_PER_MINUTE */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The store cannot take samples now; send again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  ClientSdkController_ingest: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SdkMetricsDto'];
      };
    };
    responses: {
      /** @description Committed */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope ingest */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  ClientSdkController_ingestBulk: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['EdgeMetricsDto'];
      };
    };
    responses: {
      /** @description Committed */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope ingest */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  ClientSdkController_register: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Accepted; the body is ignored */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope ingest */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  ClientSdkController_features: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['FeaturesResponse'];
        };
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope ingest */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  ClientSdkController_delta: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope ingest */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  ClientSdkController_streaming: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope ingest */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  FrontendSdkController_ingest: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SdkMetricsDto'];
      };
    };
    responses: {
      /** @description Committed */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope frontend */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  FrontendSdkController_register: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Accepted; the body is ignored */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope frontend */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  FrontendSdkController_toggles: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TogglesResponse'];
        };
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope frontend */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  FrontendSdkController_togglesOfContext: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TogglesResponse'];
        };
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope frontend */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  OtlpController_export: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** @description An ExportMetricsServiceRequest of OTLP, as protobuf or in its JSON form, gzipped or not */
    requestBody: {
      content: {
        'application/x-protobuf': Record<string, never>;
        'application/json': Record<string, never>;
      };
    };
    responses: {
      /** @description Committed. partialSuccess is set if some data points were refused; they must not be sent again */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/x-protobuf': components['schemas']['ExportMetricsResponse'];
          'application/json': components['schemas']['ExportMetricsResponse'];
        };
      };
      /** @description The body is not a valid metrics export; nothing was stored */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope ingest */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is larger than INGEST_MAX_BODY_BYTES after inflation */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is neither application/x-protobuf nor application/json, or its encoding is not gzip or deflate */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description More requests than INGEST_RATE_LIMIT_PER_MINUTE */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The store cannot take samples now; send again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  RemoteWriteController_write: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** @description A WriteRequest of version 1.0, or a Request of version 2.0, in the block format of Snappy */
    requestBody: {
      content: {
        'application/x-protobuf': string;
      };
    };
    responses: {
      /** @description Committed */
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is malformed, or some samples were refused; the others are stored */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope ingest */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is larger than INGEST_MAX_BODY_BYTES, compressed or not */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is not a remote write message, or is not compressed with snappy */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description More requests than INGEST_RATE_LIMIT_PER_MINUTE */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The store cannot take samples now; send again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description This service has forwarded these samples itself; nothing is stored */
      508: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  PrometheusPushController_push: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'text/plain': string;
        'application/openmetrics-text': string;
      };
    };
    responses: {
      /** @description Committed */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The exposition is malformed or one of its samples was refused; nothing was stored */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope ingest */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is larger than INGEST_MAX_BODY_BYTES after inflation */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is not text, or its encoding is not gzip, deflate or snappy */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description More requests than INGEST_RATE_LIMIT_PER_MINUTE */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The store cannot take samples now; send again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  'PushgatewayController_replaceGroup[0]': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description `<job>{/<label>/<value>}`; values that a URL cannot contain are written as `<label>@base64/<value>` */
        grouping: unknown;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'text/plain': string;
        'application/openmetrics-text': string;
      };
    };
    responses: {
      /** @description Committed */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The exposition is malformed or one of its samples was refused; nothing was stored */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope ingest */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is larger than INGEST_MAX_BODY_BYTES after inflation */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is not text, or its encoding is not gzip, deflate or snappy */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description More requests than INGEST_RATE_LIMIT_PER_MINUTE */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The store cannot take samples now; send again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  'PushgatewayController_replaceMetrics[0]': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description `<job>{/<label>/<value>}`; values that a URL cannot contain are written as `<label>@base64/<value>` */
        grouping: unknown;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'text/plain': string;
        'application/openmetrics-text': string;
      };
    };
    responses: {
      /** @description Committed */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The exposition is malformed or one of its samples was refused; nothing was stored */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope ingest */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is larger than INGEST_MAX_BODY_BYTES after inflation */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is not text, or its encoding is not gzip, deflate or snappy */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description More requests than INGEST_RATE_LIMIT_PER_MINUTE */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The store cannot take samples now; send again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  'PushgatewayController_delete[0]': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description `<job>{/<label>/<value>}`; values that a URL cannot contain are written as `<label>@base64/<value>` */
        grouping: unknown;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Committed, also if there was no such group */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The path does not name a group */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope ingest */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description More requests than INGEST_RATE_LIMIT_PER_MINUTE */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The store cannot take samples now; send again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  'PushgatewayController_replaceGroup[1]': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description `<job>{/<label>/<value>}`; values that a URL cannot contain are written as `<label>@base64/<value>` */
        grouping: unknown;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'text/plain': string;
        'application/openmetrics-text': string;
      };
    };
    responses: {
      /** @description Committed */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The exposition is malformed or one of its samples was refused; nothing was stored */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope ingest */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is larger than INGEST_MAX_BODY_BYTES after inflation */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is not text, or its encoding is not gzip, deflate or snappy */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description More requests than INGEST_RATE_LIMIT_PER_MINUTE */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The store cannot take samples now; send again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  'PushgatewayController_replaceMetrics[1]': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description `<job>{/<label>/<value>}`; values that a URL cannot contain are written as `<label>@base64/<value>` */
        grouping: unknown;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'text/plain': string;
        'application/openmetrics-text': string;
      };
    };
    responses: {
      /** @description Committed */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The exposition is malformed or one of its samples was refused; nothing was stored */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope ingest */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is larger than INGEST_MAX_BODY_BYTES after inflation */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is not text, or its encoding is not gzip, deflate or snappy */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description More requests than INGEST_RATE_LIMIT_PER_MINUTE */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The store cannot take samples now; send again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  'PushgatewayController_delete[1]': {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description `<job>{/<label>/<value>}`; values that a URL cannot contain are written as `<label>@base64/<value>` */
        grouping: unknown;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Committed, also if there was no such group */
      202: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The path does not name a group */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope ingest */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description More requests than INGEST_RATE_LIMIT_PER_MINUTE */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The store cannot take samples now; send again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  'MetricsController_scrape[0]': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  'MetricsController_scrape[1]': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  HistoryController_findMetrics: {
    parameters: {
      query?: {
        /** @description Lists only the metrics of one type. */
        type?: 'counter' | 'gauge' | 'histogram';
        /** @description The order: by name, or the most recently pushed first, or those with the most series first. */
        order?: 'lastPush' | 'name' | 'series';
        /** @description Lists a histogram as one row, without the counters `_bucket`, `_sum` and `_count` that it consists of. */
        families?: boolean;
        /**
         * @description At most 10 words that must all occur in the name or the help text of a metric, in any order. Upper and lower case are treated
         *     alike.
         */
        search?: string;
        /** @description Maximum number of rows in one page; the default is 1,000. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. All other parameters must stay the same. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MetricsResponse'];
        };
      };
      /** @description A parameter is wrong or meets a limit; the message says which and what to do */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token has too many history requests in progress; try again later */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Too many history requests at once; try again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  HistoryController_findSeries: {
    parameters: {
      query: {
        /** @description The exact name of the metric. */
        metric: string;
        /** @description Label filters of the form `name=value` or `name!=value`, repeatable. Values of the same name are alternatives, and every value after `!=` is excluded; different names must all match. An empty value means that the label is absent. */
        label?: string[];
        /** @description Maximum number of rows in one page; the default is 1,000. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. All other parameters must stay the same. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SeriesResponse'];
        };
      };
      /** @description A parameter is wrong or meets a limit; the message says which and what to do */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Nobody pushed that metric */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token has too many history requests in progress; try again later */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Too many history requests at once; try again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  HistoryController_findSamples: {
    parameters: {
      query: {
        /** @description The exact name of the metric. */
        metric: string;
        /** @description Label filters of the form `name=value` or `name!=value`, repeatable. Values of the same name are alternatives, and every value after `!=` is excluded; different names must all match. An empty value means that the label is absent. */
        label?: string[];
        /** @description Beginning of the range, inclusive; the default is an hour before `to`. RFC 3339, seconds or milliseconds since the epoch, `now`, or an offset from now. */
        from?: string;
        /** @description End of the range, exclusive; the default is now. */
        to?: string;
        /** @description Time zone of times without an offset, of calendar steps, and of times in the format `excel`, as the IANA database names it. The default is UTC. */
        tz?: string;
        /** @description The format of the answer, by default the one that `Accept` prefers. `excel` is a CSV that spreadsheets open with numbers as numbers and local times as dates. */
        format?: 'csv' | 'excel' | 'json';
        /** @description The locale whose decimal mark the format `excel` uses, such as `de-DE`. The default is `en-US`. */
        locale?: string;
        /** @description The order by time: the oldest samples first, or the newest ones with `desc`. */
        order?: 'asc' | 'desc';
        /** @description Maximum number of rows in one page; the default is 1,000. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. All other parameters must stay the same. */
        cursor?: string;
      };
      header?: {
        Accept?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A page of samples, or all of them as CSV */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SamplesResponse'];
          /**
           * @example metric,at,value,status
           *     http_responses_total,2026-11-23T12:00:04.120Z,1,500
           */
          'text/csv': string;
        };
      };
      /** @description A parameter is wrong or meets a limit; the message says which and what to do */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Nobody pushed that metric */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token has too many history requests in progress; try again later */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Too many history requests at once; try again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  HistoryController_query: {
    parameters: {
      query: {
        /** @description The exact name of the metric. */
        metric: string;
        /** @description Label filters of the form `name=value` or `name!=value`, repeatable. Values of the same name are alternatives, and every value after `!=` is excluded; different names must all match. An empty value means that the label is absent. */
        label?: string[];
        /** @description Beginning of the range, inclusive; the default is an hour before `to`. RFC 3339, seconds or milliseconds since the epoch, `now`, or an offset from now. */
        from?: string;
        /** @description End of the range, exclusive; the default is now. */
        to?: string;
        /** @description Time zone of times without an offset, of calendar steps, and of times in the format `excel`, as the IANA database names it. The default is UTC. */
        tz?: string;
        /** @description The format of the answer, by default the one that `Accept` prefers. `excel` is a CSV that spreadsheets open with numbers as numbers and local times as dates. */
        format?: 'csv' | 'excel' | 'json';
        /** @description The locale whose decimal mark the format `excel` uses, such as `de-DE`. The default is `en-US`. */
        locale?: string;
        /** @description The day on which a week begins. */
        weekStart?: 'monday' | 'sunday';
        /**
         * @description The rule by which the samples of a bucket become a point. The default is `increase` for counters and `avg` for gauges.
         *     Several rules, separated by commas, are computed in one pass.
         */
        aggregate?: (
          | 'avg'
          | 'count'
          | 'distinct'
          | 'first'
          | 'increase'
          | 'last'
          | 'max'
          | 'median'
          | 'min'
          | 'p50'
          | 'p90'
          | 'p95'
          | 'p99'
          | 'rate'
          | 'stddev'
          | 'sum'
        )[];
        /**
         * @description Also returns an earlier range: the one directly before the requested range, or the requested range moved back by a day, a
         *     week, a month, a quarter or a year.
         */
        compare?: '1d' | '1mo' | '1q' | '1w' | '1y' | 'previous';
        /**
         * @description Labels to group by, repeatable or separated by commas. Each combination of their values becomes a line. With `*`, every
         *     series becomes a line. Without labels, all series become one line.
         */
        groupBy?: string[];
        /**
         * @description Length of a bucket: `15s`, `5m`, `1h`, a number of seconds, or a calendar unit: `1d`, `1w`, `1mo`, `1q`, `1y`. The default is
         *     a length that gives about 200 points.
         */
        step?: string;
        /** @description The label whose values the aggregate `distinct` counts, among the series with samples in a bucket. */
        distinctLabel?: string;
        /**
         * @description Maximum number of lines. The lines with the largest values of the first aggregate over the whole range are kept, and one more
         *     line combines all others. All buckets of a histogram that are grouped by `le` count as one line.
         */
        lines?: number;
      };
      header?: {
        Accept?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The points of all lines, or one row of CSV for each point */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RangeQueryResponse'];
          /**
           * @example metric,at,value,unfinished,status
           *     http_responses_total,2026-11-24T11:00:00.000Z,1412,,200
           */
          'text/csv': string;
        };
      };
      /** @description A parameter is wrong or meets a limit; the message says which and what to do */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Nobody pushed that metric */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token has too many history requests in progress; try again later */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Too many history requests at once; try again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  LabelsController_findLabels: {
    parameters: {
      query?: {
        /** @description The exact name of a metric. A histogram stands for its counters. Without a metric, the labels of all series are listed. */
        metric?: string;
        /** @description Label filters of the form `name=value` or `name!=value`, repeatable. Values of the same name are alternatives, and every value after `!=` is excluded; different names must all match. An empty value means that the label is absent. */
        label?: string[];
        /** @description Beginning of a range, inclusive. With `from` or `to`, only series with samples in the range are counted. RFC 3339, seconds or milliseconds since the epoch, `now`, or an offset from now. */
        from?: string;
        /** @description End of the range, exclusive; the default is now. */
        to?: string;
        /** @description At most 10 words that must all occur in a listed name or value, in any order. Upper and lower case are treated alike. */
        search?: string;
        /** @description Maximum number of rows in one page; the default is 1,000. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. All other parameters must stay the same. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['LabelsResponse'];
        };
      };
      /** @description A parameter is wrong or meets a limit; the message says which and what to do */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Nobody pushed that metric */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token has too many history requests in progress; try again later */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Too many history requests at once; try again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  LabelsController_findValues: {
    parameters: {
      query?: {
        /** @description The exact name of a metric. A histogram stands for its counters. Without a metric, the labels of all series are listed. */
        metric?: string;
        /** @description Label filters of the form `name=value` or `name!=value`, repeatable. Values of the same name are alternatives, and every value after `!=` is excluded; different names must all match. An empty value means that the label is absent. */
        label?: string[];
        /** @description Beginning of a range, inclusive. With `from` or `to`, only series with samples in the range are counted. RFC 3339, seconds or milliseconds since the epoch, `now`, or an offset from now. */
        from?: string;
        /** @description End of the range, exclusive; the default is now. */
        to?: string;
        /** @description The order: by value, or the values with the most series first. */
        order?: 'series' | 'value';
        /** @description At most 10 words that must all occur in a listed name or value, in any order. Upper and lower case are treated alike. */
        search?: string;
        /** @description Maximum number of rows in one page; the default is 1,000. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. All other parameters must stay the same. */
        cursor?: string;
      };
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['LabelValuesResponse'];
        };
      };
      /** @description A parameter is wrong or meets a limit; the message says which and what to do */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Nobody pushed that metric */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token has too many history requests in progress; try again later */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Too many history requests at once; try again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  BreakdownController_breakDown: {
    parameters: {
      query: {
        /** @description The exact name of the metric. A histogram stands for its counter `_bucket`. */
        metric: string;
        /** @description Label filters of the form `name=value` or `name!=value`, repeatable. Values of the same name are alternatives, and every value after `!=` is excluded; different names must all match. An empty value means that the label is absent. */
        label?: string[];
        /** @description Beginning of the range, inclusive; the default is an hour before `to`. RFC 3339, seconds or milliseconds since the epoch, `now`, or an offset from now. */
        from?: string;
        /** @description End of the range, exclusive; the default is now. */
        to?: string;
        /** @description Maximum number of values that are listed for each label. */
        values?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['BreakdownResponse'];
        };
      };
      /** @description A parameter is wrong or meets a limit; the message says which and what to do */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Nobody pushed that metric */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token has too many history requests in progress; try again later */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Too many history requests at once; try again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  SparklinesController_compute: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['SparklinesDto'];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SparklinesResponse'];
        };
      };
      /** @description A parameter is wrong or meets a limit; the message says which and what to do */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is larger than INGEST_MAX_BODY_BYTES after inflation */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is not application/json, or its encoding is not gzip or deflate */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token has too many history requests in progress; try again later */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Too many history requests at once; try again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  LiveController_watch: {
    parameters: {
      query?: {
        /** @description The exact name of a metric, which can be repeated. The name of a histogram includes its counters. Without this parameter, all metrics are listed. A metric that does not exist yet is listed as soon as it is pushed. */
        metric?: string[];
        /** @description Lists a histogram by its own name, instead of its counters `_bucket`, `_sum` and `_count`. */
        families?: boolean;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A stream of events, which stays open */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          /**
           * @example retry: 2000
           *     event: ready
           *     data: {"at":"2026-11-24T12:00:00.000Z"}
           *
           *     event: samples
           *     data: {"metrics":[{"metric":"orders_total","newestAt":"2026-11-24T12:00:03.120Z"}],"truncated":false}
           *
           *     : heartbeat
           */
          'text/event-stream': string;
        };
      };
      /** @description A parameter is wrong; the message says which */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token has too many open streams; try again later */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Too many open streams; try again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  UnleashListingController_findRows: {
    parameters: {
      query?: {
        /** @description Beginning of the range, rounded down to a whole minute; the default is an hour before `to`. RFC 3339, seconds or milliseconds since the epoch, `now`, or an offset from now. */
        from?: string;
        /** @description End of the range, exclusive, rounded up to a whole minute; the default is now. */
        to?: string;
        /** @description Maximum number of rows in one page; the default is 1,000. */
        limit?: number;
        /** @description The `nextCursor` of the previous page. All other parameters must stay the same. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MinuteRowsResponse'];
        };
      };
      /** @description A parameter is wrong; the message says what to do */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token has too many history requests in progress; try again later */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Too many history requests at once; try again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  UnleashListingController_scrape: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  QueryController_query: {
    parameters: {
      query: {
        query: string;
        time?: string;
        timeout?: string;
        limit?: string;
        lookback_delta?: string;
        view?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result, in Prometheus' form */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The query exceeds a limit, or its samples do not allow an answer */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token has too many queries in progress; try again after Retry-After */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The query took too long, or too many queries are waiting */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  QueryController_queryByForm: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The form is larger than 1048576 bytes */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  QueryController_queryRange: {
    parameters: {
      query: {
        query: string;
        start: string;
        end: string;
        step: string;
        timeout?: string;
        limit?: string;
        lookback_delta?: string;
        view?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The result, in Prometheus' form */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The query exceeds a limit, or its samples do not allow an answer */
      422: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token has too many queries in progress; try again after Retry-After */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The query took too long, or too many queries are waiting */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  QueryController_queryRangeByForm: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The form is larger than 1048576 bytes */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  CatalogListingController_series: {
    parameters: {
      query: {
        'match[]': string[];
        start?: string;
        end?: string;
        limit?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  CatalogListingController_seriesByForm: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The form is larger than 1048576 bytes */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  CatalogListingController_labels: {
    parameters: {
      query?: {
        'match[]'?: string[];
        start?: string;
        end?: string;
        limit?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  CatalogListingController_labelsByForm: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The form is larger than 1048576 bytes */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  CatalogListingController_labelValues: {
    parameters: {
      query?: {
        'match[]'?: string[];
        start?: string;
        end?: string;
        limit?: string;
      };
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  CatalogListingController_metadata: {
    parameters: {
      query?: {
        limit?: string;
        metric?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  StatusController_buildInfo: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  StatusController_flags: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  StatusController_tsdbStatus: {
    parameters: {
      query?: {
        limit?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  StatusController_rules: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  StatusController_alerts: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  StatusController_exemplars: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  StatusController_exemplarsByForm: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The form is larger than 1048576 bytes */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  ExpressionController_formatQuery: {
    parameters: {
      query: {
        query: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  ExpressionController_formatQueryByForm: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': Record<string, never>;
        };
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The form is larger than 1048576 bytes */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  ExpressionController_parseQuery: {
    parameters: {
      query: {
        query: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  ExpressionController_parseQueryByForm: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The form is larger than 1048576 bytes */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  RemoteReadController_read: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description A ReadResponse of samples */
      200: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description A parameter is wrong; `error` says which, in the words of Prometheus */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope read */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is larger than 1048576 bytes */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  MetricDeclarationsController_declare: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['MetricDeclarationDto'];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['MetricResponse'];
        };
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope admin */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The declaration contradicts the existing metric; the message says what to do */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is larger than INGEST_MAX_BODY_BYTES after inflation */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is not application/json, or its encoding is not gzip or deflate */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description This process has no memory for a further metric, or the store cannot answer now; try again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  MetricRemovalController_removeMetric: {
    parameters: {
      query?: {
        /** @description `true` removes nothing and reports how much would be removed. */
        dryRun?: boolean;
      };
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RemovalResponse'];
        };
      };
      /** @description A parameter is invalid or unknown; nothing was removed */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope admin */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description There is no such metric */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The counter belongs to a histogram; the message says what to do */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  MetricRemovalController_removeSeries: {
    parameters: {
      query: {
        /**
         * @description `name=value` or `name!=value`, repeatable: a series must match all names, and for each name any of the values after `=` and none of
         *     those after `!=`. An empty value means that the label is absent.
         */
        label: string[];
        /** @description `true` removes nothing and reports how much would be removed. */
        dryRun?: boolean;
      };
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RemovalResponse'];
        };
      };
      /** @description A parameter is invalid or unknown; nothing was removed */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope admin */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description There is no such metric */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  CorrectionsController_deleteSamples: {
    parameters: {
      query: {
        /**
         * @description `name=value` or `name!=value`, repeatable: a series must match all names, and for each name any of the values after `=` and none of
         *     those after `!=`. An empty value means that the label is absent. Without `label`, the samples of all series are deleted.
         */
        label?: string[];
        /**
         * @description Beginning of the range of sample times, inclusive: RFC 3339, seconds or milliseconds since the epoch, `now`, or an offset
         *     from now.
         */
        from: string;
        /** @description End of the range, exclusive. */
        to: string;
        /** @description `true` deletes nothing and reports how much would be deleted. */
        dryRun?: boolean;
      };
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CorrectionResponse'];
        };
      };
      /** @description A parameter is invalid or unknown, or the range has more than CORRECTION_MAX_BLOCKS blocks or takes longer than CORRECTION_TIMEOUT_SECONDS; nothing was deleted */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope admin */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description There is no such metric */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Another correction is running, the archive is busy, or a process of an older version is alive; see Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  CorrectionsController_list: {
    parameters: {
      query: {
        /** @description Maximum number of corrections. */
        limit: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CorrectionsResponse'];
        };
      };
      /** @description A parameter is invalid or unknown */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope admin */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  RenamesController_rename: {
    parameters: {
      query?: {
        /** @description `true` renames nothing and reports what would be renamed. */
        dryRun?: boolean;
      };
      header?: never;
      path: {
        name: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RenameDto'];
      };
    };
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RenameResponse'];
        };
      };
      /** @description A parameter is invalid or unknown, or the new name is not legal; nothing was renamed */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope admin */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description There is no such metric */
      404: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The new name is taken, or is the name of a part of a histogram or of a metric of the service, or the metric is a part itself; the message says what to do */
      409: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is larger than INGEST_MAX_BODY_BYTES after inflation */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is not application/json, or its encoding is not gzip or deflate */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Another rename is running, the rename takes longer than CORRECTION_TIMEOUT_SECONDS, or a process of an older version is alive; see Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  RenamesController_list: {
    parameters: {
      query: {
        /** @description Maximum number of renames. */
        limit: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RenamesResponse'];
        };
      };
      /** @description A parameter is invalid or unknown */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope admin */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  RefusalsController_list: {
    parameters: {
      query: {
        /** @description Maximum number of refusals. */
        limit: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RefusalsResponse'];
        };
      };
      /** @description A parameter is invalid or unknown */
      400: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope admin */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  StorageController_read: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['StorageResponse'];
        };
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope admin */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Postgres does not answer in time; try again after Retry-After */
      503: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  ApiTokensController_list: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ApiTokenResponse'][];
        };
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope admin */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  ApiTokensController_create: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateApiTokenDto'];
      };
    };
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['CreatedApiTokenResponse'];
        };
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope admin */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is larger than INGEST_MAX_BODY_BYTES after inflation */
      413: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The body is not application/json, or its encoding is not gzip or deflate */
      415: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  ApiTokensController_revoke: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope admin */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  SessionController_show: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SessionResponse'];
        };
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  SignInController_open: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      201: {
        headers: {
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OpenedSessionResponse'];
        };
      };
      /** @description The token is missing, unknown, expired or revoked, or the link was used */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token has neither the scope read nor admin, or belongs to a session */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description Too many wrong tokens from this address; try again after Retry-After */
      429: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  SignInController_end: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token is missing, unknown, expired or revoked */
      401: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description The token lacks the scope */
      403: {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
}
