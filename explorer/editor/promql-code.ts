import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { lintKeymap } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { PromQLExtension } from '@prometheus-io/codemirror-promql';
import { PromqlSource } from './promql-source.js';

/** The syntax highlighting. Its colours follow the theme of the page. */
const COLOURS = HighlightStyle.define([
  { tag: [tags.name, tags.variableName], color: 'var(--text)' },
  {
    tag: [tags.function(tags.variableName), tags.keyword, tags.operatorKeyword, tags.modifier],
    color: 'var(--accent)',
  },
  { tag: tags.labelName, color: 'light-dark(#8e489c, #e6a2e6)' },
  { tag: tags.string, color: 'var(--good)' },
  { tag: [tags.number, tags.literal], color: 'var(--warning)' },
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  { tag: tags.invalid, color: 'var(--bad)' },
]);

const LOOK = EditorView.theme({
  '&': { fontSize: '13px', color: 'var(--text)', backgroundColor: 'var(--page)', borderRadius: 'var(--radius-small)' },
  '&, &.cm-focused': { border: '1px solid var(--border)', outline: 'none' },
  '&.cm-focused': { borderColor: 'var(--accent)' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6', minHeight: '62px', maxHeight: '240px' },
  '.cm-content': { padding: '9px 6px', caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-placeholder': { color: 'var(--muted)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection': {
    backgroundColor: 'var(--accent-soft) !important',
  },
  '.cm-matchingBracket': { backgroundColor: 'var(--accent-soft) !important', outline: '1px solid var(--accent)' },
  '.cm-tooltip': {
    border: '1px solid var(--border)',
    borderRadius: 'var(--radius-small)',
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    boxShadow: 'var(--shadow-high)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', maxHeight: '280px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 10px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--accent-soft)', color: 'var(--text)' },
  '.cm-completionDetail': { color: 'var(--muted)', marginLeft: '1em' },
  '.cm-completionInfo': { padding: '8px 12px', maxWidth: '320px' },
  '.cm-diagnostic-error': { borderLeft: '4px solid var(--bad)' },
});

/** The operations of a PromQL editor. */
export interface PromqlCode {
  /** Replaces the text if it differs from the current one. */
  setText: (text: string) => void;
  focus: () => void;
  destroy: () => void;
}

/**
 * Creates an editor in an element. The editor is in a shadow root, because the security policy of the page forbids the style
 * elements that it would add to the document, but allows the style sheets that a shadow root adopts.
 */
export function createPromqlCode(host: HTMLElement, text: string, onChange: (text: string) => void): PromqlCode {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  root.replaceChildren();
  const promql = new PromQLExtension().setComplete({ remote: new PromqlSource() });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        history(),
        bracketMatching(),
        closeBrackets(),
        autocompletion(),
        promql.asExtension(),
        syntaxHighlighting(COLOURS),
        LOOK,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': 'PromQL' }),
        placeholder('sum by (country) (rate(orders_total[5m]))'),
        // No key map uses Tab, so that Tab leaves the editor like every other field.
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    setText: (next) => {
      const now = view.state.doc.toString();
      if (next !== now) view.dispatch({ changes: { from: 0, to: now.length, insert: next } });
    },
    focus: () => view.focus(),
    destroy: () => {
      promql.destroy();
      view.destroy();
    },
  };
}
