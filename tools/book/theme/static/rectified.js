'use strict'
// Light or dark: what the reader chose, else what the system says (rectified.css).
const root = document.documentElement
const toggle = document.querySelector('button.theme')
toggle.hidden = false
toggle.onclick = () => {
  const dark = root.dataset.theme ? root.dataset.theme == 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
  root.dataset.theme = dark ? 'light' : 'dark'
  try { localStorage.theme = root.dataset.theme } catch {}
}

// The list of chapters stands open where there is room beside the text.
const chapters = document.querySelector('.chapters details'), wide = matchMedia('(min-width: 64em)')
const place = () => { chapters.open = wide.matches }
wide.addEventListener('change', place)
place()

// What scrolls sideways must be reachable by keyboard.
const boxes = document.querySelectorAll('pre, .scroll, div.math')
const reach = box => { if (box.scrollWidth > box.clientWidth) box.tabIndex = 0 }
const resized = new ResizeObserver(entries => entries.forEach(({ target }) => reach(target)))
boxes.forEach(box => resized.observe(box)) // what is folded has no width until it is opened
addEventListener('load', () => boxes.forEach(reach))

// A button that copies a cell's code.
if (navigator.clipboard) document.querySelectorAll('.cell_input .highlight').forEach(box => {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = 'copy'
  button.textContent = 'Copy'
  button.onclick = async () => {
    await navigator.clipboard.writeText(box.querySelector('pre').textContent)
    button.textContent = 'Copied'
    setTimeout(() => { button.textContent = 'Copy' }, 1500)
  }
  box.append(button)
})

// A prediction: the answers are buttons, and what comes after waits for one of them (predict.py).
const predictions = [...document.querySelectorAll('blockquote.predict')].map(question => {
  const list = question.querySelector('ul'), stretch = question.nextElementSibling
  const said = document.createElement('p'), group = document.createElement('div')
  group.className = 'answers'
  group.setAttribute('role', 'group')
  group.setAttribute('aria-label', 'Your prediction')
  said.className = 'said'
  said.setAttribute('role', 'status')
  said.textContent = 'Choose an answer to see the result.'
  const verdict = stretch.querySelector('[data-verdict]')?.dataset.verdict
  const prediction = { question, stretch, verdict, choice: '' }
  const replies = [...stretch.querySelectorAll('details.reply > ul > li')]
  for (const item of list.children) {
    const button = document.createElement('button'), answer = item.textContent.trim()
    button.type = 'button'
    button.append(...item.childNodes)
    button.setAttribute('aria-pressed', 'false')
    button.onclick = () => {
      prediction.choice = answer
      for (const each of group.children) {
        each.setAttribute('aria-pressed', each == button)
        each.disabled = each != button
      }
      stretch.classList.add('open')
      const reply = replies.find(each => each.querySelector('strong')?.textContent.trim() == answer)
      if (reply) {
        reply.classList.add('chosen')
        reply.parentNode.prepend(reply)
      }
      said.textContent = !verdict ? 'What the run says stands below.'
        : answer == verdict ? `The run agrees: ${verdict}.` : `The run says: ${verdict}.`
      boxes.forEach(reach)
      dispatchEvent(new Event('resize'))
      score()
    }
    group.append(button)
  }
  list.replaceWith(group)
  group.after(said)
  return prediction
})

// The quiz's score: votes that agree with the verdicts of the run.
function score() {
  const asked = predictions.filter(each => each.verdict), voted = asked.filter(each => each.choice)
  const agreed = voted.filter(each => each.choice == each.verdict).length
  document.querySelectorAll('.score').forEach(place => {
    place.textContent = `You have voted on ${voted.length} of ${asked.length} claims; ` +
      `on ${agreed} you agree with this book's runs.`
  })
  // The ledger holds one row a claim, in the order of the questions; the last column is the vote.
  document.querySelectorAll('.ledger tbody tr').forEach((row, at) => {
    row.lastChild.textContent = asked[at]?.choice || 'none yet'
    row.classList.toggle('differs', !!asked[at]?.choice && asked[at].choice != asked[at].verdict)
  })
}
document.querySelectorAll('.ledger').forEach(({ tHead, tBodies }) => {
  const head = document.createElement('th')
  head.scope = 'col'
  head.textContent = 'your vote'
  tHead.rows[0].append(head)
  const asked = predictions.filter(each => each.verdict)
  ;[...tBodies[0].rows].forEach((row, at) => {
    row.append(document.createElement('td'))
    const link = document.createElement('a'), section = asked[at]?.question.closest('section[id]')
    if (!section) return
    link.href = `#${section.id}`
    link.textContent = row.cells[0].textContent
    link.setAttribute('aria-label', `claim ${at + 1}`)
    row.cells[0].replaceChildren(link)
  })
})
score()

// Whoever comes by a link into what still waits sees it.
const arrive = () => document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest('.awaits')?.classList.add('open')
addEventListener('hashchange', arrive)
arrive()

// Where the reader is on the page.
const links = new Map([...document.querySelectorAll('.contents a')].map(link => [link.hash.slice(1), link]))
const seen = new IntersectionObserver(entries => entries.forEach(({ target, isIntersecting }) => {
  if (!isIntersecting) return
  links.forEach(link => link.removeAttribute('aria-current'))
  links.get(target.id)?.setAttribute('aria-current', 'true')
}), { rootMargin: '0px 0px -70% 0px' })
document.querySelectorAll('main section[id]').forEach(section => { if (links.has(section.id)) seen.observe(section) })

// The page that runs: nothing of it is loaded before its button is pressed (tools/book/live).
const door = document.querySelector('button.run-page')
if (door && location.protocol != 'file:') { // from disk the page says why it does not run
  door.hidden = false
  door.onclick = async () => {
    door.disabled = true
    try {
      const { start } = await import(new URL(document.querySelector('main').dataset.live + 'page.js', location))
      await start(door)
    } catch (error) {
      door.disabled = false
      door.after(` It did not start: ${error.message}. Try again when the network is back.`)
    }
  }
}

// Search: search.js, which only the search page loads, calls this with all sections of the book.
function search(sections) {
  const query = new URLSearchParams(location.search).get('q')?.trim() ?? ''
  document.getElementById('query').value = query
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  if (!words.length) return
  // "subgradient" finds "sub-gradient" too.
  const pattern = word => [...word.replace(/-/g, '')].map(letter => letter.replace(/[^\p{L}\p{N}]/u, '\\$&')).join('-?')
  const any = new RegExp(`(${words.map(pattern).join('|')})`, 'gi'), each = words.map(word => new RegExp(pattern(word), 'gi'))
  const count = (text, word) => text.match(word)?.length ?? 0
  const score = section => {
    const points = each.map(word => 8 * count(section.title, word) + count(section.text, word))
    return points.every(Boolean) ? points.reduce((sum, one) => sum + one) : 0
  }
  const found = sections.map(section => [score(section), section]).filter(([points]) => points).sort(([a], [b]) => b - a)
  const number = found.length == 1 ? '1 place' : `${found.length || 'No'} places`
  document.getElementById('found').textContent = `${number} with “${query}”.`
  const element = (name, text, child) => {
    const made = document.createElement(name)
    if (text) made.textContent = text
    if (child) made.append(child)
    return made
  }
  for (const [, { page, title, url, text }] of found.slice(0, 40)) {
    const link = element('a', title)
    link.href = url
    const item = element('li', '', link)
    if (title != page) item.append(' ', element('span', page))
    const at = Math.max(0, text.search(any) - 60)
    const excerpt = (at ? '…' : '') + text.slice(at, at + 200) + (at + 200 < text.length ? '…' : '')
    const line = element('p')
    excerpt.split(any).forEach((part, odd) => line.append(odd % 2 ? element('mark', part) : part))
    item.append(line)
    document.getElementById('results').append(item)
  }
}
