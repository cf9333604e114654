import { endsWithItsOwner, endsWithTheCloud } from "./an-owner.ts";

endsWithItsOwner(["SIGTERM"]);
endsWithTheCloud(["process"]);
