// Starts `dslnas lsp` for the .nas files of a window, and passes on what both sides say.
"use strict";

const path = require("node:path");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

/** The command and its arguments; a relative path begins at the folder that is open. */
function server() {
    const [command, ...args] = vscode.workspace.getConfiguration("dslnas").get("command");
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
    const found = folder && command.includes(path.sep) ? path.resolve(folder, command) : command;
    return { command: found, args, options: { cwd: folder } }; // over stdin and stdout
}

async function start() {
    client = new LanguageClient("dslnas", "dslnas", server(), {
        documentSelector: [{ language: "nas", scheme: "file" }],
        synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.nas") },
    });
    try {
        await client.start();
    } catch (error) {
        const hint = 'Install it with pip install "dslnas[lsp]", or set dslnas.command.';
        vscode.window.showErrorMessage(`The dslnas language server does not start. ${hint} (${error.message})`);
    }
}

async function stop() {
    const running = client;
    client = undefined;
    if (running?.isRunning()) {
        await running.stop();
    }
}

async function activate(context) {
    const restart = async () => {
        await stop();
        await start();
    };
    context.subscriptions.push(
        vscode.commands.registerCommand("dslnas.restart", restart),
        vscode.workspace.onDidChangeConfiguration((change) => {
            if (change.affectsConfiguration("dslnas.command")) {
                return restart();
            }
        }),
    );
    await start();
}

module.exports = { activate, deactivate: stop };
