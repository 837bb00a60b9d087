// A page, or the module worker it starts if its address says so. The driver reads `self.state`.

const died = (error) => { self.state = { ...self.state, crash: `${error?.name}: ${error?.message}\n${error?.stack}` } }

if (new URL(location).searchParams.has('worker')) {
  const worker = new Worker('/harness/worker.mjs', { type: 'module' })
  worker.onmessage = ({ data }) => { self.state = data }
  worker.onerror = (event) => died(event.error ?? event)
} else {
  import('./main.mjs').then(({ main }) => main((state) => { self.state = state }, { site: location.origin })).catch(died)
}
