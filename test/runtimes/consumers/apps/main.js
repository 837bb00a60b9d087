// The entry that is bundled.

import * as waxseal from 'waxseal'
import * as jws from 'waxseal/jws'
import { prove } from './prove.js'

globalThis.proof = prove(waxseal, jws)
