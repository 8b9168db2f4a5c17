// One worker, asked one thing at a time. To interrupt Python without ending its worker, a page
// needs memory shared with it, which static hosts do not allow; so stopping ends it.
export class Kernel {
  constructor(settings, hear) {
    this.settings = settings
    this.hear = hear // gets what comes while a cell runs: streams, figures, progress
  }

  start() {
    this.worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' })
    this.ready = new Promise(ready => { this.isReady = ready })
    const { lock, packages } = this.settings
    this.worker.postMessage({ type: 'start', lock, packages })
    this.worker.onerror = event => this.fail(event.message || 'The file worker.js did not come.')
    this.worker.onmessage = ({ data }) => {
      if (data.type == 'ready') this.isReady(true)
      if (data.type == 'failed') this.fail(data.text)
      else if (['plan', 'where', 'done', 'drawn', 'checked'].includes(data.type)) this.answer?.(data)
      else this.hear(data)
    }
  }

  get running() { return !!this.worker }

  // Resolves with the answer, or with one of type `stopped` if the worker ended first.
  async ask(message) {
    if (!this.worker) this.start()
    const worker = this.worker
    if (!await this.ready || worker != this.worker) return { type: 'stopped' }
    return new Promise(answer => {
      this.answer = answer
      worker.postMessage(message)
    })
  }

  stop() {
    this.worker?.terminate()
    this.worker = null
    this.isReady?.(false)
    this.answer?.({ type: 'stopped' })
  }

  fail(text) {
    if (!this.worker) return
    this.stop()
    this.hear({ type: 'failed', text })
  }
}
