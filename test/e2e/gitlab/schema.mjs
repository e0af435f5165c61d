// Validates a YAML document on stdin against GitLab's schema of .gitlab-ci.yml, which is part of gitlab-ci-local's
// bundle. usage: node schema.mjs NODE_MODULES
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";

const modules = process.argv[2];
const require = createRequire(`${modules}/`);
const Ajv = require("ajv").default;
const yaml = require("js-yaml");

// literal returns the object literal that begins at the index of the source.
function literal(source, begin) {
    let depth = 0;
    let quote = "";
    for (let i = begin; i < source.length; i++) {
        const letter = source[i];
        if (quote) {
            if (letter === "\\") i++;
            else if (letter === quote) quote = "";
        } else if ("\"'`".includes(letter)) quote = letter;
        else if (letter === "{") depth++;
        else if (letter === "}" && --depth === 0) return source.slice(begin, i + 1);
    }
    throw new Error("the schema has no end");
}

const source = readFileSync(`${modules}/gitlab-ci-local/dist/index.js`, "utf8");
const id = source.indexOf("$id:\"https://gitlab.com/.gitlab-ci.yml\"");
if (id < 0) throw new Error("gitlab-ci-local carries no schema");
const schema = new Function(`return ${literal(source, source.lastIndexOf("{", id))}`)();

const validate = new Ajv({strict: false, allErrors: true, validateFormats: false}).compile(schema);
if (!validate(yaml.load(readFileSync(0, "utf8")))) {
    for (const error of validate.errors) console.error(`${error.instancePath}: ${error.message} ${JSON.stringify(error.params)}`);
    process.exit(1);
}
