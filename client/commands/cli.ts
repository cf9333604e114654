#!/usr/bin/env node
import { runProgram } from "./run-program.ts";

/** The `fantail` command. */

process.exitCode = await runProgram(process.argv.slice(2));
