/** The error of a failed request, with a message for people. */
export class ApiProblem extends Error {
  constructor(
    /** The HTTP status, 0 if no answer came, or -1 if the request was cancelled or its answer could not be used. */
    readonly status: number,
    message: string,
    /** How long to wait before the next attempt, in milliseconds, or null if the server does not say. */
    readonly retryAfterMs: number | null = null,
    /** The JSON of the answer, or null if the answer is not JSON. */
    readonly body: unknown = null,
  ) {
    super(message);
  }

  /** Whether the same request may succeed later. */
  get isTemporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

/**
 * Reads the problem from an answer. The history routes put their message into the property `message`, the Prometheus routes into
 * `error`.
 */
export async function problemOf(answer: Response): Promise<ApiProblem> {
  const text = await answer.text().catch(() => '');
  const body = parsed(text);
  const seconds = Number(answer.headers.get('Retry-After'));
  const retryAfterMs = answer.headers.has('Retry-After') && Number.isFinite(seconds) ? seconds * 1000 : null;
  return new ApiProblem(answer.status, sentenceOf(body) ?? `The server answered ${answer.status}.`, retryAfterMs, body);
}

function sentenceOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return null;
  if ('details' in body && Array.isArray(body.details)) {
    const messages = body.details
      .map((detail: unknown) => (isRecord(detail) && typeof detail.message === 'string' ? detail.message : null))
      .filter((message) => message !== null);
    if (messages.length > 0) return messages.join(' ');
  }
  for (const key of ['message', 'error']) {
    const value = (body as Record<string, unknown>)[key];
    if (typeof value === 'string') return value;
  }
  return null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
