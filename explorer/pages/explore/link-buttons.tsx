import { CopyButton } from '../../dialog/copy-button.js';
import { momentOf } from '../../panel/step.js';
import { route } from '../../router/location.js';
import { formatHash, withParams } from '../../router/route.js';
import { isMoving, range } from '../../router/view.js';

/** Buttons that copy a link to the current view, either with its moving range or with the exact times that are shown now. */
export function LinkButtons() {
  return (
    <>
      <CopyButton label="Copy link" text={() => location.href} />
      {isMoving.value && <CopyButton label="Copy link with exact times" text={exactLink} />}
    </>
  );
}

function exactLink(): string {
  const now = Math.floor(Date.now() / 1000);
  const { from, to } = range.peek();
  const written = (text: string) => {
    const moment = momentOf(text, now);
    return moment === null ? text : new Date(moment * 1000).toISOString().replace('.000Z', 'Z');
  };
  const { page, params } = route.peek();
  const hash = formatHash(page, withParams(params, { from: written(from), to: written(to) }));
  return location.href.split('#')[0] + hash;
}
