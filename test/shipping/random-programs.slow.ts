import { randomPrograms } from "./random-programs.ts";

randomPrograms(200);
