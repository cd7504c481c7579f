/** `duebook`: one command per file, one place where errors become words and exit codes. */
import { Command, CommanderError } from 'commander';
import { AppError, UsageError } from '../errors.ts';
import { addressCommand } from './address.ts';
import { agreeCommands } from './agree.ts';
import { approveCommand } from './approve.ts';
import { backtestCommand } from './backtest.ts';
import { bouncesCommand } from './bounces.ts';
import { chargeCommand } from './charge.ts';
import { chargeTermsCommand } from './charge-terms.ts';
import { connectCommand } from './connect.ts';
import { type CliContext, type CliDeps, EXIT, type ExitCode } from './context.ts';
import { demoCommand } from './demo.ts';
import { discountCommand } from './discount.ts';
import { evidenceCommand } from './evidence.ts';
import { explainCommand } from './explain.ts';
import { exportCommand } from './export.ts';
import { flagNotesCommand } from './flag-notes.ts';
import { handOverCommand } from './hand-over.ts';
import { interestCommand } from './interest.ts';
import { holdsCommand } from './holds.ts';
import { forecastCommand } from './forecast.ts';
import { keysCommand } from './keys.ts';
import { metricsCommand } from './metrics.ts';
import { limitCommand } from './limit.ts';
import { letterCommand } from './letter.ts';
import { modeCommand } from './mode.ts';
import { purgeCommand } from './purge.ts';
import { ratesCommand } from './rates.ts';
import { ratingCommand } from './rating.ts';
import { policyCommand } from './policy.ts';
import { replayCommand } from './replay.ts';
import { reasonsCommand } from './reasons.ts';
import { releaseCommands } from './release.ts';
import { restoredCommand } from './restored.ts';
import { riskCommand } from './risk.ts';
import { runCommand } from './run.ts';
import { sendCommand } from './send.ts';
import { sendersCommand } from './senders.ts';
import { startCommand } from './start.ts';
import { statementCommand } from './statement.ts';
import { statusCommand } from './status.ts';
import { syncCommand } from './sync.ts';
import { taskCommand } from './task.ts';

const TERMINAL: Pick<CliContext, 'print' | 'note'> = {
  print: (line) => void process.stdout.write(`${line}\n`),
  note: (line) => void process.stderr.write(`${line}\n`),
};

/** Runs one command line and gives its exit code; never throws for what a person can mend. */
export async function runCli(
  argv: string[],
  deps: CliDeps,
  output: Pick<CliContext, 'print' | 'note'> = TERMINAL,
): Promise<number> {
  const context: CliContext = { ...deps, ...output };
  let exitCode: ExitCode = EXIT.ok;
  const finish = (code: ExitCode): void => {
    exitCode = code;
  };
  const program = new Command('duebook')
    .description('Receivables that can prove what they did, what they will do, and why.')
    .exitOverride()
    .showHelpAfterError('(`duebook --help` lists the commands)')
    .addHelpText(
      'after',
      '\nExit codes: 0 done · 1 failed · 2 wrong setting or argument · 3 done, and something waits for a person',
    );
  for (const register of [
    demoCommand,
    startCommand,
    connectCommand,
    syncCommand,
    runCommand,
    policyCommand,
    replayCommand,
    approveCommand,
    sendCommand,
    bouncesCommand,
    statementCommand,
    statusCommand,
    taskCommand,
    handOverCommand,
    evidenceCommand,
    sendersCommand,
    addressCommand,
    explainCommand,
    reasonsCommand,
    riskCommand,
    limitCommand,
    ratingCommand,
    flagNotesCommand,
    backtestCommand,
    forecastCommand,
    interestCommand,
    chargeTermsCommand,
    chargeCommand,
    ratesCommand,
    metricsCommand,
    discountCommand,
    agreeCommands,
    holdsCommand,
    releaseCommands,
    letterCommand,
    modeCommand,
    exportCommand,
    purgeCommand,
    restoredCommand,
    keysCommand,
  ]) {
    register(program, context, finish);
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (err) {
    return reportError(err, context);
  }
}

function reportError(err: unknown, context: CliContext): ExitCode {
  if (err instanceof CommanderError) {
    // Help and version end here too, with nothing wrong; everything else was already said.
    return err.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  if (err instanceof UsageError) {
    context.note(err.message);
    return EXIT.usage;
  }
  if (err instanceof AppError) {
    context.note(err.userMessage);
    return EXIT.failed;
  }
  context.note(err instanceof Error ? (err.stack ?? err.message) : 'an unknown error');
  return EXIT.failed;
}
