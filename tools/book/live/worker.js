// Python in a worker of its own, so that the page answers while a cell runs.
// What it is asked, and what it answers, are plain objects with a `type`; see page.js.
const send = message => postMessage(message)
let python

// Bytes are counted while they come, so that a slow network can be told from a dead one.
let loaded = 0
const fetchPlain = self.fetch
self.fetch = async address => { // and no hash to check: that would keep a file back until it is whole
  const name = String(address.url ?? address).split('/').pop()
  let response
  try { response = await fetchPlain(address) } catch { response = { ok: false } }
  if (!response.ok) {
    send({ type: 'failed', text: `The file ${name} did not come${response.status ? ` (${response.status})` : ''}.` })
    throw new Error(name)
  }
  // A browser keeps what it has compiled of a response that nobody has touched: seconds, the next time.
  if (name.endsWith('.wasm')) return response
  const counted = new TransformStream({
    transform(piece, out) {
      loaded += piece.byteLength
      send({ type: 'progress', loaded })
      out.enqueue(piece)
    },
  })
  return new Response(response.body.pipeThrough(counted), { headers: response.headers })
}

new PerformanceObserver(list => {
  for (const { name, decodedBodySize } of list.getEntries()) if (name.endsWith('.wasm')) {
    loaded += decodedBodySize
    send({ type: 'progress', loaded })
  }
}).observe({ type: 'resource', buffered: true })

async function start({ lock, packages }) {
  const here = name => new URL(name, import.meta.url).href
  const { loadPyodide } = await import('./pyodide/pyodide.mjs')
  const [pyodide, kernel, fonts] = await Promise.all([
    loadPyodide({
      indexURL: here('pyodide/'),
      packageBaseUrl: here('pyodide/'),
      lockFileContents: lock,
      packages,
      env: { HOME: '/home/reader', MPLCONFIGDIR: '/tmp/matplotlib', OPENBLAS_NUM_THREADS: '1' },
    }),
    fetch(here('kernel.py')).then(response => response.text()),
    fetch(here('fonts.json')).then(response => response.text()),
  ])
  send({ type: 'starting' })
  pyodide.FS.writeFile('/home/kernel.py', kernel)
  // Matplotlib would list its fonts anew each time.
  pyodide.FS.mkdirTree('/tmp/matplotlib')
  pyodide.FS.writeFile(`/tmp/matplotlib/fontlist-v${JSON.parse(fonts)._version}.json`, fonts)
  pyodide.runPython('import sys; sys.path.insert(0, "/home")')
  python = pyodide.pyimport('kernel')
  python.begin(text => send({ ...JSON.parse(text), cell: running }))
  send({ type: 'ready' })
}

let running
const answers = {
  start,
  plan: ({ cells, cell }) => send({ type: 'plan', cell, cells: JSON.parse(python.plan(JSON.stringify(cells), cell)) }),
  where: ({ codes, name }) => send({ type: 'where', cells: JSON.parse(python.where(JSON.stringify(codes), name)) }),
  run({ code, place, cell, wanted }) {
    running = cell
    const begun = performance.now()
    const ok = python.run(code, place, cell, wanted && JSON.stringify(wanted))
    send({ type: 'done', cell, ok, seconds: (performance.now() - begun) / 1000 })
  },
  draw: ({ cell, values }) => send({ type: 'drawn', cell, values, ...JSON.parse(python.draw(cell, JSON.stringify(values))) }),
  check({ check, cell }) {
    running = cell
    send({ type: 'checked', cell, ...JSON.parse(python.check(cell, JSON.stringify(check))) })
  },
}
let before = Promise.resolve()
onmessage = ({ data }) => {
  before = before.then(() => answers[data.type](data)).catch(error => send({ type: 'failed', text: String(error.message ?? error) }))
}
