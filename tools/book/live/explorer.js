// An explorer that Python draws, at any value, not only at those of the frames.
const make = (name, properties, ...children) => {
  const element = Object.assign(document.createElement(name), properties)
  element.append(...children)
  return element
}
const spoken = value => typeof value == 'string' ? value : String(+value.toPrecision(6)).replace('-', '−')

// The values of a slider: ten steps from one frame to the next; whole numbers stay whole. Some
// chapters have only the frames, since what they show was computed before.
function between(values) {
  const whole = values.every(Number.isInteger)
  const steps = values.slice(1).flatMap((end, at) => {
    const start = values[at], gap = end - start
    const number = whole ? Math.min(gap, 10) : 10
    return Array.from({ length: number }, (_, step) => {
      const value = start + gap * step / number
      return whole ? Math.round(value) : +value.toPrecision(10)
    })
  })
  return [...steps, values.at(-1)]
}

export class Explorer {
  constructor(cell, { html, sentence, style, label, controls, sound }, before) {
    this.cell = cell
    this.controls = controls.map((each, number) => typeof each.values[0] == 'string' ? this.buttons(each, number) : this.slider(each))
    this.readout = make('p', { className: 'readout' }, make('span', { textContent: sentence }))
    this.readout.setAttribute('role', 'status')
    const title = label ? [make('p', { className: 'title', textContent: label })] : []
    this.picture = make('div', { innerHTML: html })
    this.figure = make('figure', { className: 'rectified-explorer' }, make('style', { textContent: style }), ...title, this.picture,
      make('div', { className: 'controls' }, ...this.controls.map(each => each.element)), this.readout)
    this.figure.setAttribute('aria-label', label ?? `Explorer: ${controls.map(each => each.name).join(' and ')}`)
    if (controls.some(each => each.played)) this.addPlay(controls.findIndex(each => each.played))
    if (before) this.takeOver(before)
  }

  // Go on where the reader stands: the values that were chosen, and the focus.
  takeOver(before) {
    const old = [...before.querySelectorAll('.controls input[type=range], .controls fieldset')]
    if (old.length != this.controls.length) return
    const chosen = old.map(each => each.dataset.value ?? (each.matches('fieldset')
      ? each.querySelector(':checked')?.parentNode.textContent.trim()
      : JSON.parse(each.dataset.texts ?? '[]')[each.value]?.replace('−', '-')))
    const moved = this.controls.filter((each, number) => chosen[number] != null && each.take(chosen[number]))
    const focus = old.findIndex(each => each.contains(this.cell.focused))
    if (focus >= 0) setTimeout(() => this.controls[focus].focus())
    if (!moved.length) return
    // The old picture stays until the new one is there.
    const picture = before.querySelector('svg'), said = before.querySelector('.readout')
    if (picture) this.picture.replaceChildren(picture.cloneNode(true))
    if (said) this.readout.firstChild.textContent = said.firstChild.textContent
    this.draw()
  }

  slider({ name, values, default: at }) {
    const frames = this.cell.frames, grid = frames ? values : between(values), text = name.replaceAll('_', ' ')
    const range = make('input', { type: 'range', min: 0, max: grid.length - 1, value: grid.indexOf(at), autocomplete: 'off' })
    const number = make('input', { type: 'number', step: 'any', value: at, autocomplete: 'off' })
    range.setAttribute('aria-label', text)
    const nearest = to => frames ? values.reduce((best, each) => Math.abs(each - to) < Math.abs(best - to) ? each : best) : to
    let value = at
    const set = to => {
      value = to
      range.dataset.value = to
      range.setAttribute('aria-valuetext', spoken(to))
    }
    set(at)
    range.addEventListener('input', () => { set(grid[range.value]); number.value = value; this.draw() })
    number.addEventListener('change', () => {
      if (number.value === '') return
      set(nearest(+number.value))
      number.value = value
      range.value = grid.findLastIndex(each => each <= value)
      this.draw()
    })
    const take = text => {
      const to = text === '' ? NaN : nearest(+text)
      if (!Number.isFinite(to) || to == value) return false
      set(to)
      number.value = to
      range.value = Math.max(0, grid.findLastIndex(each => each <= to + 1e-12))
      return true
    }
    return {
      value: () => value, take, values, focus: () => range.focus(),
      element: make('div', { className: 'control' }, make('label', {}, `${text} = `, number), range),
    }
  }

  buttons({ name, values, default: at }, number) {
    let value = at
    const group = `live-${this.cell.number}-${number}`
    const labels = values.map(each => {
      const radio = make('input', { type: 'radio', name: group, checked: each == at, autocomplete: 'off' })
      radio.addEventListener('input', () => { value = each; this.draw() })
      return make('label', {}, radio, ` ${each}`)
    })
    const take = text => {
      const found = values.indexOf(text)
      if (found < 0 || text == value) return false
      value = text
      labels[found].firstChild.checked = true
      return true
    }
    return {
      value: () => value, take, values, focus: () => labels[values.indexOf(value)].firstChild.focus(),
      element: make('fieldset', {}, make('legend', { textContent: name.replaceAll('_', ' ') }), ...labels),
    }
  }

  // Only the newest wish is drawn; what was wished for in between is not.
  async draw() {
    this.wanted = true
    if (this.drawing) return this.drawing
    this.drawing = (async () => {
      while (this.wanted) {
        this.wanted = false
        const answer = await this.cell.page.draw(this.cell, this.controls.map(each => each.value()))
        if (answer.type == 'stopped') break
        this.readout.classList.toggle('stderr', !!answer.error)
        this.readout.firstChild.textContent = answer.error ?? answer.sentence
        if (answer.html) this.picture.innerHTML = answer.html
      }
    })()
    await this.drawing
    this.drawing = null
  }

  addPlay(number) {
    const button = make('button', { type: 'button', textContent: 'Play' }), control = this.controls[number]
    const stop = () => { this.playing = false; button.textContent = 'Play'; this.readout.ariaLive = 'polite' }
    this.figure.addEventListener('input', stop)
    button.onclick = async () => {
      if (this.playing) return stop()
      this.playing = true
      button.textContent = 'Pause'
      this.readout.ariaLive = 'off'
      const values = control.values, from = values.findIndex(each => each > control.value())
      for (const value of values.slice(Math.max(0, from))) {
        control.take(value)
        await Promise.all([this.draw(), new Promise(done => setTimeout(done, 250))])
        if (!this.playing || !button.isConnected) return
      }
      stop()
    }
    this.figure.querySelector('.controls').append(button)
  }
}
