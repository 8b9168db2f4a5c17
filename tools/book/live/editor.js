// The editor: CodeMirror 6 with Python's grammar, in the page's own colours.
import {
  EditorState, EditorView, HighlightStyle, LanguageSupport, Prec, bracketMatching, defaultHighlightStyle, defaultKeymap,
  history, historyKeymap, indentOnInput, indentUnit, keymap, syntaxHighlighting,
} from './codemirror/index.js'
import { pythonLanguage } from './codemirror/index--qNV_jaW.js'

// The tags themselves are not exported. CodeMirror's own style has them, each with a colour that
// says its kind; ours are the classes of the page's highlighted code.
const classes = { '#708': 'k', '#219': 'kc', '#164': 'mi', '#a11': 's', '#e40': 'se', '#00f': 'nf', '#085': 'nb', '#167': 'nc', '#940': 'c1' }
const colours = HighlightStyle.define(defaultHighlightStyle.specs
  .filter(each => classes[each.color]).map(each => ({ tag: each.tag, class: classes[each.color] })))

// Tab is left to the page, so that the keyboard gets out again; Mod-] and Mod-[ indent.
export function edit(parent, { code, label, run, changed }) {
  return new EditorView({
    parent,
    state: EditorState.create({
      doc: code,
      extensions: [
        history(), indentOnInput(), bracketMatching(), indentUnit.of('    '), EditorState.tabSize.of(4),
        new LanguageSupport(pythonLanguage), syntaxHighlighting(colours),
        Prec.highest(keymap.of([{ key: 'Shift-Enter', run: () => { run(); return true } }])),
        keymap.of([...defaultKeymap, ...historyKeymap]),
        EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0', spellcheck: 'false' }),
        EditorView.updateListener.of(update => { if (update.docChanged) changed(update.state.doc.toString()) }),
      ],
    }),
  })
}

export const write = (view, code) =>
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: code } })
