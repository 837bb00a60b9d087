// workerd runs this with `workerd test`: no server, no port.

import { main } from './main.mjs'

export default {
  test: () => main((state) => console.log(state.isOver ? JSON.stringify(state) : `# ${state.current}`)),
}
