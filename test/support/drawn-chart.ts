import type { Locator, Page } from 'playwright-core';

/** The first of the six line colours in the light theme. A chart without groups uses it. */
const FIRST_COLOUR = [0x00, 0x4d, 0xd0] as const;

/**
 * A pixel counts as drawn in a colour if none of its three components differs from that of the colour by more than this. The
 * edges of lines are blended with the background.
 */
const TOLERANCE = 60;

/**
 * Reads the pixels of a chart in the light theme.
 *
 * @returns for each column of the canvas, the average height of the pixels in the first colour, or null if the column has none
 */
export function heightsOf(figure: Locator): Promise<(number | null)[]> {
  return figure.locator('canvas').evaluate(
    (element, { colour, tolerance }) => {
      const canvas = element as unknown as {
        width: number;
        height: number;
        getContext(kind: '2d'): { getImageData(...box: number[]): { data: Uint8ClampedArray } };
      };
      const { width, height } = canvas;
      const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
      return Array.from({ length: width }, (_, x) => {
        let sum = 0;
        let count = 0;
        for (let y = 0; y < height; y++) {
          const at = (y * width + x) * 4;
          if (data[at + 3]! < 200 || !colour.every((part, index) => Math.abs(data[at + index]! - part) <= tolerance))
            continue;
          sum += y;
          count++;
        }
        return count === 0 ? null : sum / count;
      });
    },
    { colour: [...FIRST_COLOUR], tolerance: TOLERANCE },
  );
}

/**
 * Returns whether a chart is as wide as its box, and whether anything is drawn at its left or right edge, where text would be cut
 * off.
 */
export function edgesOf(figure: Locator): Promise<{ isFitted: boolean; isCut: boolean }> {
  return figure.locator('canvas').evaluate((element) => {
    const canvas = element as unknown as {
      width: number;
      height: number;
      clientWidth: number;
      closest(selector: string): { clientWidth: number };
      getContext(kind: '2d'): { getImageData(...box: number[]): { data: Uint8ClampedArray } };
    };
    const { width, height } = canvas;
    const columnAt = (x: number) => canvas.getContext('2d').getImageData(x, 0, 1, height).data;
    return {
      isFitted: canvas.clientWidth === canvas.closest('figure').clientWidth,
      isCut: [0, width - 1].some((x) => columnAt(x).some((part, at) => at % 4 === 3 && part > 0)),
    };
  });
}

/** A step of a chart, as the tooltip at the cursor shows it. */
export interface ShownStep {
  /** The text that shows the time. */
  readonly time: string;
  /** The texts of the numbers, by the names of their lines. */
  readonly numbers: Readonly<Record<string, string>>;
}

/**
 * Moves the cursor of a chart over all its steps with the keyboard, and returns what the tooltip shows at each, the oldest first.
 */
export async function readByKeyboard(page: Page, figure: Locator): Promise<ShownStep[]> {
  await figure.focus();
  await page.keyboard.press('Home');
  const steps: ShownStep[] = [];
  for (;;) {
    const step = await stepAtCursor(figure);
    if (step.time === steps.at(-1)?.time) return steps;
    steps.push(step);
    await page.keyboard.press('ArrowRight');
  }
}

/** Returns what the tooltip of a chart shows now. */
export async function stepAtCursor(figure: Locator): Promise<ShownStep> {
  const paragraphs = await figure.locator('[aria-hidden=true] > p').evaluateAll((found) =>
    (found as unknown as { innerText: string; children: Iterable<{ innerText?: string }> }[]).map((each) => ({
      text: each.innerText,
      // The swatch of a line has no text.
      parts: [...each.children].map(({ innerText }) => innerText ?? '').filter((part) => part !== ''),
    })),
  );
  const [time, ...lines] = paragraphs;
  if (time === undefined) throw new Error('The chart has no cursor.');
  const numbers = lines.flatMap(({ parts: [name, number] }) =>
    number === undefined ? [] : [[name!, number] as const],
  );
  return { time: time.text, numbers: Object.fromEntries(numbers) };
}
