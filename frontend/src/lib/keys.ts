/** A key that no other start has (`Idempotency-Key`): a request that is sent twice starts one run. */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
