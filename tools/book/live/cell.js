// One code cell: its editor, its buttons, and what it shows. A hidden cell has only code.
import { edit, write } from './editor.js'
import { keep, kept } from './edits.js'
import { Explorer } from './explorer.js'

export const make = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties)
  element.append(...children)
  return element
}

// Seconds in words, as far as they can be known beforehand.
export const about = seconds => seconds < 90 ? `about ${Math.max(5, Math.round(seconds / 5) * 5)} s`
  : `about ${Math.round(seconds / 60)} minutes`

// What scrolls sideways is reached by the keyboard, as on the rest of the page.
const wide = new ResizeObserver(entries => entries.forEach(({ target }) => {
  if (target.scrollWidth > target.clientWidth) target.tabIndex = 0
}))

export class Cell {
  ran = 0 // when it ran as it stands
  changed = 0 // when a run last changed what it leaves behind

  constructor(page, entry, number) {
    Object.assign(this, { page, number, original: entry.code, code: entry.code, hidden: entry.hidden, chance: entry.chance, alt: entry.alt, check: entry.check, seconds: entry.seconds ?? 0, frames: entry.frames })
  }

  // Put the editor where the code stands.
  mount(box, shown) {
    this.box = box
    this.name = `cell ${shown}`
    const input = box.querySelector('.cell_input')
    this.output = box.querySelector('.cell_output')
    if (!this.output) {
      this.output = make('div', { className: 'cell_output docutils container live-empty' })
      input.after(this.output)
    }
    this.published = [...this.output.childNodes]
    this.key ??= this.original
    this.code = kept(this.key) ?? this.original
    const button = (text, title, act) => make('button', { type: 'button', textContent: text, title, onclick: act })
    this.restoreButton = button('Restore', 'The code and the output as they were published', () => { this.restore(); this.page.restored(this) })
    this.restoreButton.disabled = this.code == this.original
    this.state = make('span', { className: 'live-cell-state' })
    this.rest()
    if (this.code != this.original) box.querySelectorAll('details').forEach(each => { each.open = true })
    const tools = this.tools = make('div', { className: 'live-cell' },
      button('Run', 'Run this cell, and first what it needs from the cells above (Shift+Enter)', () => this.page.run(this)),
      button('Run to here', 'Run every cell from the top of the page down to this one', () => this.page.runTo(this)),
      this.restoreButton, this.state)
    tools.setAttribute('role', 'group')
    tools.setAttribute('aria-label', this.name)
    input.classList.add('live')
    this.view = edit(input, {
      code: this.code,
      label: `Code of ${this.name}; Shift+Enter runs it`,
      run: () => this.page.run(this),
      changed: code => this.edited(code),
    })
    input.append(tools)
    const explorer = this.output.querySelector('figure.rectified-explorer')
    // The frames answer at once; from the end of the first move on Python draws, if that is soon.
    explorer?.addEventListener('change', () => this.page.draws(this, explorer.querySelector('input[type=range]') && !this.frames))
  }

  // An explorer that would take long stays with its frames, until the reader wants more.
  offer(seconds) {
    this.rest()
    if (this.output.querySelector('.live-offer')) return
    const start = make('button', { type: 'button', textContent: 'Let Python draw', onclick: () => this.page.run(this) })
    this.add('live-hint live-offer', make('p', {}, `This is as it was published. Python needs ${about(seconds)} before it can draw here. `, start))
  }

  get needs() { return this.code }

  edited(code) {
    this.code = code
    this.ran = 0
    this.restoreButton.disabled = code == this.original
    this.rest()
    this.page.changedCells()
    if (!keep(this.key, code == this.original ? null : code)) this.page.cannotKeep()
  }

  restore() {
    write(this.view, this.original)
    this.output.replaceChildren(...this.published)
    this.output.classList.toggle('live-empty', !this.published.length)
    this.rest()
  }

  // What helps with an error, below Python's own words.
  hint(text) { this.add('live-hint', make('p', { textContent: text })) }

  say(text) { if (this.state) this.state.textContent = text }

  // What is known of a cell that does not run: whether it was changed, and that it is slow.
  rest(text = this.code == this.original ? '' : 'changed') { this.say([text, this.seconds && `takes ${about(this.seconds)} in a browser`].filter(Boolean).join('; ')) }

  // A run begins: what stood there stays until something new comes, so that nothing jumps.
  begin() {
    this.fresh = false
    this.begun = performance.now()
    this.say('running …')
    this.clock = setInterval(() => this.say(`running … ${Math.round((performance.now() - this.begun) / 1000)} s`), 1000)
  }

  end({ type, ok, seconds }) {
    clearInterval(this.clock)
    if (this.hidden) return
    this.clear()
    this.say(type == 'stopped' ? 'stopped' : ok ? `ran in ${seconds.toFixed(seconds < 10 ? 1 : 0)} s` : 'error')
  }

  clear() {
    if (this.fresh) return
    this.fresh = true
    this.old = [...this.output.childNodes]
    this.focused = document.activeElement
    this.output.replaceChildren()
    this.output.classList.add('live-empty')
  }

  hear(message) {
    if (this.hidden) return
    this.clear()
    this.output.classList.remove('live-empty')
    this[message.type](message)
  }

  add(kind, ...children) {
    const box = make('div', { className: `output ${kind}` }, ...children)
    this.output.append(box)
    return box
  }

  pre(kind, text) {
    const pre = make('pre', { textContent: text })
    wide.observe(pre)
    this.add(`${kind} highlight-myst-ansi notranslate`, make('div', { className: 'highlight' }, pre))
    return pre
  }

  stream({ name, text }) {
    const kind = name == 'stderr' ? 'stderr' : 'stream'
    const last = this.output.lastElementChild
    if (last?.classList.contains(kind)) last.querySelector('pre').append(text)
    else this.pre(kind, text)
  }

  text({ text }) { this.pre('text_plain', text) }

  error({ text }) {
    this.pre('stderr traceback', text)
    this.problem = text.split('\n').pop()
  }

  html({ html }) {
    const box = this.add('text_html')
    box.innerHTML = html
    // Source that is shown again as it was published keeps the colours that it has there.
    const same = this.published.find(each => each.textContent?.trim() == box.textContent.trim())
    if (same) box.replaceWith(same.cloneNode(true))
  }

  figure({ html }) {
    this.output.insertAdjacentHTML('beforeend', html)
    const label = this.page.isChanged() ? 'A figure, drawn by code that you changed' : this.alt
    this.output.lastElementChild.setAttribute('aria-label', label ?? 'A figure')
  }

  explorer(message) {
    const before = this.old?.map(each => each.querySelector?.('figure.rectified-explorer') ?? each)
      .find(each => each.matches?.('figure.rectified-explorer'))
    this.add('text_html').append(new Explorer(this, message, before).figure)
  }
}
