// "Run this page": loaded when that button is pressed, and not before.
//
//   page.js     the bar at the foot of the window, and the order in which cells run
//   cell.js     one cell;  editor.js  its editor;  edits.js  what the reader changed
//   exercises.js a cell for each answer, and its check
//   explorer.js an explorer that Python draws
//   kernel.js   the worker, from this side;  worker.js, kernel.py  from the other
//
// Nothing here looks at the address: no link can make code run.
import { Cell, about, make } from './cell.js'
import { answers } from './exercises.js'
import { Kernel } from './kernel.js'

const get = async name => {
  const response = await fetch(new URL(name, import.meta.url)).catch(() => null)
  if (!response?.ok) throw new Error(`the file ${name} did not come`)
  return response.json()
}

const capital = text => text[0].toUpperCase() + text.slice(1)

export async function start(door) {
  const main = document.querySelector('main')
  const sheet = make('link', { rel: 'stylesheet', href: new URL('cells.css', import.meta.url) })
  const styled = new Promise(done => { sheet.onload = sheet.onerror = done })
  document.head.append(sheet)
  const [settings, source] = await Promise.all([get('live.json'), get(`cells/${main.dataset.page}.json`), styled])
  new Page(main, settings, source, door)
}

class Page {
  tasks = []
  answerCells = []

  constructor(main, settings, source, door) {
    this.cells = source.cells.map((entry, number) => new Cell(this, entry, number))
    this.settings = settings
    this.bytes = settings.bytes
    this.addBar(main)
    const boxes = [...main.querySelectorAll('div.cell')], shown = this.cells.filter(cell => !cell.hidden)
    shown.forEach((cell, number) => cell.mount(boxes[number], number + 1))
    let last = 'the first cell'
    for (const cell of this.cells) {
      if (cell.hidden) cell.name = `a hidden check after ${last}`
      else last = cell.name
    }
    for (const { answer, place } of answers(this, main)) {
      const below = this.cells.findIndex(cell => cell.box && !(place.compareDocumentPosition(cell.box) & 2))
      this.cells.splice(below < 0 ? this.cells.length : below, 0, answer)
      this.answerCells.push(answer)
    }
    this.cells.forEach((cell, number) => { cell.number = number })
    this.kernel = new Kernel(settings, message => this.hear(message))
    door.hidden = true
    document.body.classList.add('runs')
    this.work() // nothing of the page runs yet, but Python loads
    // Linear algebra is slower in a browser.
    const seconds = this.secondsOf(this.cells)
    if (seconds >= 90) this.note(`All cells of this page together take ${about(seconds)} in a browser; “Run” on one cell runs only what that cell needs.`)
    const edited = this.edited().map(cell => cell.name)
    if (edited.length) this.note(`Your changes of before are back, in ${edited.join(edited.length == 2 ? ' and ' : ', ')}; nothing of them has run.`)
  }

  addBar(main) {
    const button = (text, act) => make('button', { type: 'button', textContent: text, onclick: act })
    this.state = make('p', { className: 'live-state' })
    this.state.setAttribute('role', 'status')
    this.count = make('span', { className: 'live-count' })
    this.progress = make('progress', { max: this.bytes, value: 0 })
    this.progress.setAttribute('aria-label', 'Python is loading')
    this.notes = make('p', { className: 'live-note' })
    this.notes.setAttribute('role', 'status')
    this.allButton = button('Run all', () => this.runTo(this.cells.at(-1)))
    this.stopButton = button('Stop', () => this.stop())
    this.stopButton.title = 'Ends Python: what the cells have computed is lost, the code stays'
    this.throwButton = button('Undo all changes', () => this.throwAway())
    this.bar = make('section', { className: 'live-bar' },
      make('div', {}, this.state, this.progress, this.count),
      make('div', { className: 'live-buttons' }, this.allButton, this.stopButton, this.throwButton), this.notes)
    this.bar.setAttribute('aria-label', 'This page runs')
    main.querySelector('.tools').after(this.bar)
  }

  secondsOf(cells) { return cells.reduce((sum, cell) => sum + cell.seconds, 0) }

  say(text) { if (this.state.textContent != text) this.state.textContent = text }
  note(text) { this.notes.textContent = text }
  megabytes(bytes) { return (bytes / 1e6).toFixed(1) }

  boot() {
    this.loaded = 0
    this.booted = this.failed = false
    this.say('Loading Python. You can change the code meanwhile.')
    this.progress.hidden = this.count.hidden = false
    this.kernel.start()
    this.buttons()
  }

  hear(message) {
    const { type } = message
    if (type == 'progress') {
      this.progress.value = message.loaded
      this.count.textContent = `${this.megabytes(message.loaded)} of ${this.megabytes(Math.max(this.bytes, message.loaded))} MB`
    } else if (type == 'starting') {
      this.say('Python is starting.')
    } else if (type == 'failed') {
      this.hideProgress()
      this.tasks.forEach(({ cell }) => cell?.rest())
      this.tasks = []
      this.say(`It does not go on: ${message.text}`)
      this.note('The page is as it was, and can be read. Run a cell to try once more.')
      this.failed = true
      this.buttons()
    } else {
      this.cells[message.cell]?.hear(message)
    }
  }

  hideProgress() { this.progress.hidden = this.count.hidden = true }

  buttons() {
    this.stopButton.disabled = !this.kernel.running
    this.changedCells()
    this.bar.dataset.state = this.failed ? 'failed' : !this.booted ? 'loading' : this.busy ? 'running' : 'ready'
  }

  edited() { return this.cells.filter(cell => cell.code != cell.original) }
  // Whether what the page shows may differ from what it says; an answer to an exercise does not count.
  isChanged() { return this.edited().some(cell => !this.answerCells.includes(cell)) }
  changedCells() { this.throwButton.disabled = !this.edited().length }
  cannotKeep() { this.note('This browser keeps no data of this page: your changes are lost when it is closed or loaded again.') }

  throwAway() {
    this.edited().forEach(cell => cell.restore())
    this.note('Every cell is as it was published. What has run stays in Python until the cells run again.')
  }

  restored(cell) {
    this.note('')
    if (this.booted && !this.busy) this.say(`${capital(cell.name)} is as it was published. What has run stays in Python until it runs again.`)
  }

  // Everything that Python is asked goes through here, one thing at a time.
  async work() {
    if (this.working) return
    this.working = true
    this.buttons()
    await this.ready()
    while (this.tasks.length) {
      this.busy = true
      this.buttons()
      const { cell, act } = this.tasks.shift()
      this.goal = cell
      await act()
      this.goal = null
    }
    this.busy = this.working = false
    this.buttons()
  }

  async ready() {
    if (!this.kernel.running) this.boot()
    if (!await this.kernel.ready || this.booted) return
    this.booted = true
    this.hideProgress()
    this.say('Python is ready. Change a cell and press Shift+Enter.')
  }

  // One cell, before all that waits: what it needs and what is out of date, then itself.
  run(cell, { quietly = false, then, most = Infinity } = {}) {
    if (!quietly) this.note('')
    cell.say('waiting …')
    this.tasks.unshift({ cell, act: async () => {
      // What an answer defines is its own: no other cell has it from there.
      const cells = this.cells.map(each => ({ code: each.wanted && each != cell ? '' : each.needs, ran: each.ran, changed: each.changed }))
      const { cells: numbers } = await this.kernel.ask({ type: 'plan', cells, cell: cell.number })
      const seconds = this.secondsOf((numbers ?? []).map(number => this.cells[number]))
      if (seconds > most) cell.offer(seconds)
      else if (numbers && await this.batch(numbers, { goal: cell, quietly })) await then?.()
    } })
    this.work()
  }

  // An explorer was moved. Where the frames are all that there is, they change only with the code.
  draws(cell, between) {
    if (!between && !this.isChanged()) return
    if (![this.goal, ...this.tasks.map(task => task.cell)].includes(cell)) this.run(cell, { quietly: true, most: 10 })
  }

  runTo(cell) {
    this.note('')
    const numbers = this.cells.slice(0, cell.number + 1).filter(each => !this.answerCells.includes(each)).map(each => each.number)
    // The checks that follow a cell belong to it.
    for (let next = cell.number + 1; this.cells[next]?.hidden; next++) numbers.push(next)
    const all = cell == this.cells.at(-1)
    this.tasks.push({ cell, act: () => this.batch(numbers, { goal: cell, all }) })
    this.work()
  }

  // Cells in their order. A wish that comes meanwhile is granted between two of them.
  async batch(numbers, { goal, all, quietly }) {
    const begun = performance.now()
    let anew = false, checks = 0
    const broken = []
    const expected = this.secondsOf(numbers.map(number => this.cells[number]))
    const long = expected >= 10 ? ` All that is needed takes ${about(expected)}.` : ''
    for (const number of numbers) {
      while (this.tasks[0]?.urgent) await this.tasks.shift().act()
      const cell = this.cells[number], code = cell.code
      if (!cell.hidden) this.say(`Running ${cell.name}${cell == goal ? '' : `, on the way to ${all ? 'the end' : goal.name}`}.${long}`)
      cell.begin()
      const answer = await this.kernel.ask({ type: 'run', code, place: cell.name, cell: number, wanted: cell.wanted })
      cell.end(answer)
      if (answer.type == 'stopped') return
      if (cell.hidden) {
        checks++
        if (!answer.ok && !cell.chance) broken.push(cell) // what hangs on the machine is no fault of the text
      }
      anew ||= cell.lastCode !== code
      if (answer.ok) {
        cell.ran = cell.code == code ? performance.now() : 0
        if (anew) cell.changed = performance.now()
        cell.lastCode = code
      } else if (!cell.hidden) {
        cell.box.closest('.awaits')?.classList.add('open')
        if (cell != goal) goal.say(`not run: ${cell.name} ended in an error`)
        this.say(`${capital(cell.name)}: ${cell.problem}`)
        return this.help(cell)
      }
    }
    const seconds = (performance.now() - begun) / 1000, time = `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`
    this.bar.dataset.broken = broken.map(cell => cell.name).join('; ')
    this.bar.dataset.checks = checks
    if (!quietly || this.state.textContent.startsWith('Running')) this.say(all ? `All cells ran, in ${time}.` : `${capital(goal.name)} ran, in ${time}.`)
    if (checks && broken.length) {
      this.note(this.isChanged() ? `${broken.length} of ${checks} checks of what the text says no longer hold, since you changed the code.`
        : `${broken.length} of ${checks} checks of what the text says do not hold here: ${broken.map(each => each.name).join('; ')}.`)
    } else if (all && checks) this.note(`All ${checks} checks of what the text says hold.`)
    return true
  }

  // A name that is not there, because a cell further down gives it its value.
  async help(cell) {
    const name = cell.problem?.match(/^NameError: name '(\w+)' is not defined/)?.[1]
    if (!name) return
    const codes = this.cells.map(each => each.wanted || each.hidden ? '' : each.code)
    const { cells } = await this.kernel.ask({ type: 'where', codes, name })
    const below = cells?.find(number => number > cell.number)
    if (below && !cells.some(number => number < cell.number)) cell.hint(`${name} gets its value further down, in ${this.cells[below].name}.`)
  }

  // An answer to an exercise: run it, then the chapter's check on what it has defined.
  check(answer) {
    this.run(answer, { quietly: true, then: async () => {
      const { check, number } = answer
      const verdict = await this.kernel.ask({ type: 'check', check, cell: number })
      if (verdict.type == 'stopped') return
      answer.checked(verdict)
      this.say(`Exercise ${answer.exercise}: ${verdict.right ? 'right' : 'not yet'}. ${verdict.text}`)
    } })
  }

  // An explorer's new value, before everything else.
  draw(cell, values) {
    return new Promise(done => {
      this.tasks.unshift({ urgent: true, act: async () => done(await this.kernel.ask({ type: 'draw', cell: cell.number, values })), drop: () => done({ type: 'stopped' }) })
      this.work()
    })
  }

  stop() {
    this.note('')
    this.tasks.forEach(task => { task.cell?.rest(); task.drop?.() })
    this.tasks = []
    this.kernel.stop()
    for (const cell of this.cells) Object.assign(cell, { ran: 0, changed: 0, lastCode: undefined })
    this.booted = false
    this.hideProgress()
    this.say('Stopped. What the cells had computed is lost; your code is kept. The next run starts Python again.')
    this.buttons()
  }
}
