import { main } from './main.mjs'

await main((state) => postMessage(state), { site: location.origin })
