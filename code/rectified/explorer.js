// Moves one explorer's controls on a page without a kernel.
// Frames are lists of pieces: only a piece that differs from the one on screen is written.
(figure => {
  const find = query => figure.querySelector(query)
  const all = query => [...figure.querySelectorAll(query)]
  const svg = find('svg'), readout = find('.readout'), button = find('button')
  const controls = all('input[type=range], fieldset')
  const slides = control => control.matches('input')
  const count = control => slides(control) ? +control.max + 1 : control.elements.length
  const place = control => +(slides(control) ? control : control.querySelector(':checked')).value
  let slots = all('svg > g'), data, shown, timer
  const show = () => {
    data ??= JSON.parse(find('script[type="application/json"]').textContent)
    const number = controls.reduce((sum, control) => sum * count(control) + place(control), 0)
    const frame = data.frames[number]
    if (!shown) {
      slots.forEach(slot => slot.remove())
      slots = Array.from({ length: Math.max(...data.frames.map(each => each.length)) }, () =>
        svg.appendChild(document.createElementNS(svg.namespaceURI, 'g')))
      shown = []
    }
    slots.forEach((slot, at) => {
      if (shown[at] != frame[at]) slot.innerHTML = data.pieces[frame[at]] ?? ''
    })
    shown = frame
    const text = readout.firstChild
    if (text.textContent != data.text[number]) text.textContent = data.text[number]
    svg.setAttribute('aria-label', data.text[number])
    all('input[type=range]').forEach(input => {
      const text = JSON.parse(input.dataset.texts)[input.value]
      input.setAttribute('aria-valuetext', text)
      input.parentNode.querySelector('output').textContent = text
    })
  }
  const stop = () => {
    timer = clearInterval(timer)
    if (button) button.textContent = 'Play'
    readout.ariaLive = 'polite'
  }
  figure.addEventListener('input', () => { stop(); show() })
  // The frames are read when a pointer or the focus comes near, so that the first move is not late.
  for (const near of ['pointerover', 'focusin']) figure.addEventListener(near, show, { once: true })
  if (button) button.onclick = () => {
    if (timer) return stop()
    const input = find('[data-play]')
    if (input.value == input.max) input.value = 0
    button.textContent = 'Pause'
    readout.ariaLive = 'off'
    timer = setInterval(() => { input.value++; show(); if (input.value == input.max) stop() }, 250)
    show()
  }
})(document.currentScript.parentNode)
