/** What each answer to a question of a run is called, and what it does. */
export const ANSWERS: Readonly<Record<string, readonly [word: string, does: string]>> = {
  approve: ['Approve', 'The run goes on'],
  reject: ['Reject', 'The run stops, unless its script says otherwise'],
  retry: ['Retry', 'Run the step again'],
  succeeded: ['Treat as succeeded', 'Go on with the next step'],
  failed: ['Treat as failed', 'The step has failed; the flow decides what follows'],
}
