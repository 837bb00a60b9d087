// A Stryker ignorer: the words of messages are no behaviour. Of a refusal the code counts, which is not ignored.

/** Functions that refuse, and from which argument on they take words. `bad` and `say` take nothing else. */
const wordsFrom = { misuse: 0, say: 0, bad: 0, malformed: 0, refuse: 1, notAKey: 0, taking: 0, reading: 0, readOptions: 0, readAlgorithm: 1, checkArgument: 0, readChecks: 0, readySigningKey: 0, copyObject: 1, writeObject: 1, parseSegment: 1, segmentText: 1, decodeSegment: 1, readPayload: 1, signRecipe: 0, signerRecipe: 0, verifyRecipe: 0, verifierRecipe: 0 }
/** Words that messages share, by the name that they have. */
const shared = /^(canonical|strictJson|critRule|der|namedCurve)$/

function isWords(path) {
  if (!path.isStringLiteral() && !path.isTemplateLiteral() && !path.isBooleanLiteral()) return false
  if (shared.test(path.parent.id?.name) || path.parent.key?.name === 'words') return true
  for (let one = path; one?.parentPath; one = one.parentPath) {
    const { parentPath: parent, listKey, key } = one
    if (parent.isCallExpression() && listKey === 'arguments') {
      const from = wordsFrom[parent.node.callee.name]
      // A claim's name is looked at, not only shown.
      return from !== undefined && key >= from && !(parent.node.callee.name === 'bad' && key === 0 && parent.hub.file?.opts?.filename?.endsWith('claims.ts'))
    }
    if (parent.isFunction() || parent.isStatement()) return false
  }
  return false
}

export const shouldIgnore = (path) => isWords(path) ? 'the words of a message' : undefined
