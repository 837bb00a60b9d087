// The whole suite, in the order it runs in. What might kill a runtime comes last.

import algorithms from './algorithms.mjs'
import buffers from './buffers.mjs'
import faultyKeys from './faulty-keys.mjs'
import foreignKeys from './foreign-keys.mjs'
import keyForms from './key-forms.mjs'
import network from './network.mjs'
import platform from './platform.mjs'
import profiles from './profiles.mjs'
import refusals from './refusals.mjs'
import rings from './rings.mjs'
import sets from './sets.mjs'
import signatures from './signatures.mjs'
import dangerous from './dangerous.mjs'

export default [algorithms, keyForms, sets, network, rings, profiles, refusals, buffers, platform, signatures, faultyKeys, foreignKeys, dangerous]
