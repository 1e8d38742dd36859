/** What to tell a person when something that needs the network did not work: the server's own sentence, or ours. */
import { common } from "../words/common.ts";

export function trouble(error: unknown): string {
  // A refusal carries a code and a sentence in Spanish; anything else of the network is no signal.
  if (error instanceof Error && "code" in error && error.message) return error.message;
  if (error instanceof Error) return common.errors.network;
  throw error;
}
