// Exercises: a cell of one's own under each that asks for code, and a check where the chapter has one.
//
// A chapter's check is a hidden cell with a line "# Check of exercise 1: name(x), number". The names
// are those that an answer has to define. At the build the check runs on the solution.
import { Cell, make } from './cell.js'

export class Answer extends Cell {
  constructor(page, exercise, check) {
    super(page, { code: check?.stub ?? '' })
    Object.assign(this, { exercise, check, key: `exercise ${exercise}`, wanted: check?.wanted ?? [] })
  }

  // What its run needs from above: also what the check needs.
  get needs() { return `${this.code}\n${this.check?.code ?? ''}` }

  mountBefore(place) {
    const input = make('div', { className: 'cell_input docutils container' })
    const label = make('p', { className: 'live-answer-label' }, this.check ? 'Your answer. The check looks for ' : 'Your answer')
    this.wanted.forEach((name, number) => label.append(number ? ', ' : '', make('code', { textContent: name })))
    const box = make('div', { className: 'live-answer docutils container' }, label, input)
    place.before(box)
    this.mount(box, `of your answer to exercise ${this.exercise}`)
    this.name = `your answer ${this.exercise}`
    this.tools.querySelectorAll('button')[1].remove() // nothing stands below that an answer could run to
    if (this.check) this.tools.querySelector('button').after(make('button', {
      type: 'button', textContent: 'Check', title: 'Run this answer, then the check of this exercise',
      onclick: () => this.page.check(this),
    }))
  }

  checked({ right, text }) {
    this.clear()
    this.output.classList.remove('live-empty')
    const verdict = make('p', { className: right ? 'live-right' : 'live-wrong' }, make('strong', { textContent: right ? 'Right. ' : 'Not yet. ' }), text)
    this.add('verdict', verdict)
    this.say('')
  }
}

// Make the answers' cells; returns each with the published cell that it stands before.
export function answers(page, main) {
  const section = main.querySelector('section#exercises')
  const checks = new Map(page.cells.filter(cell => cell.check).map(({ check }) => [check.exercise, check]))
  const parts = []
  for (const child of section?.children ?? []) {
    const number = child.matches('p') && child.querySelector('strong')?.textContent.match(/^(\d+)\. /)?.[1]
    if (number && child.firstElementChild == child.querySelector('strong')) parts.push({ number, inside: [] })
    parts.at(-1)?.inside.push(child)
  }
  return parts.filter(({ inside, number }) => checks.has(number) || inside.some(each => each.matches('.cell') || each.querySelector('.highlight-python')))
    .map(({ number, inside }) => {
      const answer = new Answer(page, number, checks.get(number))
      const place = inside.find(each => each.matches('details, .cell'))
      answer.mountBefore(place)
      return { answer, place }
    })
}
