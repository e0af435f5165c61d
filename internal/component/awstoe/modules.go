package awstoe

// Inputs that several modules share.
var (
	path      = Input{Name: "path", Required: true, Mistaken: []string{"file", "filename", "folder", "directory", "dir", "destination"}}
	from      = Input{Name: "source", Required: true, Mistaken: []string{"src", "from", "path"}}
	to        = Input{Name: "destination", Required: true, Mistaken: []string{"dest", "dst", "target", "to"}}
	overwrite = Input{Name: "overwrite", Kind: Boolean, Mistaken: []string{"force", "replace"}}
	recursive = Input{Name: "recursive", Kind: Boolean, Mistaken: []string{"recurse"}}
	force     = Input{Name: "force", Kind: Boolean, Mistaken: []string{"overwrite"}}
	content   = Input{Name: "content", Mistaken: []string{"contents", "text", "body", "data"}}
	owner     = Input{Name: "owner", On: Linux, Mistaken: []string{"user"}}
	group     = Input{Name: "group", On: Linux}
	mode      = Input{Name: "permissions", On: Linux, Mistaken: []string{"mode", "permission", "perms", "chmod"}}
	bucketOf  = Input{Name: "expectedBucketOwner", Mistaken: []string{"bucketOwner"}}
	encoding  = Input{
		Name: "encoding", AnyCase: true,
		Words: []string{
			"utf8", "utf-8", "utf16", "utf-16", "utf16-LE", "utf-16-LE", "utf16-BE", "utf-16-BE",
			"utf32", "utf-32", "utf32-LE", "utf-32-LE", "utf32-BE", "utf-32-BE",
		},
		Mistaken: []string{"charset"},
	}
	commands = Input{Name: "commands", Kind: TextList, Required: true, Mistaken: []string{"command", "cmd", "script", "run"}}
)

// required returns the input as a required one.
func required(input Input) Input {
	input.Required = true
	return input
}

// optional returns the input as an optional one.
func optional(input Input) Input {
	input.Required = false
	return input
}

// windowsInstaller are the inputs of InstallMSI and UninstallMSI.
var windowsInstaller = []Input{
	path, {Name: "reboot", Words: []string{"Allow", "Force", "Skip"}}, {Name: "logOptions"}, {Name: "logFile"},
	{Name: "properties", Kind: TextMap}, {Name: "ignoreAuthenticodeSignatureErrors", Kind: Boolean},
	{Name: "allowUnsignedInstaller", Kind: Boolean},
}

// Modules are all action modules, in the order of the page in the User Guide, "Action modules supported by AWSTOE
// component manager" (toe-action-modules.html).
var Modules = []Module{
	// General execution
	{Name: "Assert", Anchor: "action-modules-assertion", Condition: true},
	{Name: "ExecuteBash", Anchor: "action-modules-executebash", On: Linux, Inputs: []Input{commands}, Outputs: []string{"stdout"}},
	{
		Name: "ExecuteBinary", Anchor: "action-modules-executebinary", Outputs: []string{"stdout"},
		Inputs: []Input{path, {Name: "arguments", Kind: TextList, Mistaken: []string{"args", "argv", "parameters"}}},
	},
	{
		Name: "ExecuteDocument", Anchor: "action-modules-executedocument", RunsOnce: true,
		Inputs: []Input{
			{Name: "document", Required: true, Mistaken: []string{"path", "source", "uri", "component"}},
			{Name: "document-s3-bucket-owner", Mistaken: []string{"expectedBucketOwner"}},
			{Name: "phases"}, {Name: "parameters", Kind: ParameterList, Mistaken: []string{"params"}},
		},
	},
	{
		Name: "ExecutePowerShell", Anchor: "action-modules-executepowershell", On: Windows, Outputs: []string{"stdout"},
		Inputs: []Input{optional(commands), {Name: "file"}}, OneOf: []string{"commands", "file"},
	},

	// File download and upload
	{
		Name: "S3Download", Anchor: "action-modules-s3download", IsList: true,
		Inputs: []Input{
			{Name: "source", Required: true, Schemes: []string{"s3"}, Mistaken: []string{"src", "from", "url", "uri", "key", "bucket"}},
			to, bucketOf, overwrite,
		},
	},
	{
		Name: "S3Upload", Anchor: "action-modules-s3upload", IsList: true,
		Inputs: []Input{
			from, {Name: "destination", Required: true, Schemes: []string{"s3"}, Mistaken: []string{"dest", "dst", "target", "to", "bucket"}},
			{Name: "recurse", Kind: Boolean, Mistaken: []string{"recursive"}}, bucketOf,
		},
	},
	{
		Name: "WebDownload", Anchor: "action-modules-webdownload", IsList: true, Together: []string{"checksum", "algorithm"},
		Inputs: []Input{
			{Name: "source", Required: true, Schemes: []string{"http", "https"}, Mistaken: []string{"src", "from", "url", "uri", "link"}},
			to, overwrite, {Name: "checksum", Mistaken: []string{"hash", "sha256", "md5"}},
			{Name: "algorithm", Words: []string{"MD5", "SHA1", "SHA256", "SHA512"}, AnyCase: true},
			{Name: "ignoreCertificateErrors", Kind: Boolean},
		},
		Outputs: []string{"destination"},
	},

	// File system operations
	{Name: "AppendFile", Anchor: "action-modules-appendfile", IsList: true, Inputs: []Input{path, content, encoding}},
	{Name: "CopyFile", Anchor: "action-modules-copyfile", IsList: true, Inputs: []Input{from, to, overwrite}},
	{Name: "CopyFolder", Anchor: "action-modules-copyfolder", IsList: true, Inputs: []Input{from, to, overwrite}},
	{
		Name: "CreateFile", Anchor: "action-modules-createfile", IsList: true,
		Inputs: []Input{path, content, encoding, owner, group, mode, overwrite},
	},
	{Name: "CreateFolder", Anchor: "action-modules-createfolder", IsList: true, Inputs: []Input{path, owner, group, mode, overwrite}},
	{
		Name: "CreateSymlink", Anchor: "action-modules-createsymlink", On: Linux, IsList: true,
		Inputs: []Input{
			{Name: "path", Required: true, Mistaken: []string{"link", "destination", "dest"}},
			{Name: "target", Required: true, Mistaken: []string{"source", "src"}}, force,
		},
	},
	{Name: "DeleteFile", Anchor: "action-modules-deletefile", IsList: true, Inputs: []Input{path}},
	{Name: "DeleteFolder", Anchor: "action-modules-deletefolder", IsList: true, Inputs: []Input{path, force}},
	{
		Name: "ListFiles", Anchor: "action-modules-listfiles", IsList: true, Outputs: []string{"files"},
		Inputs: []Input{path, {Name: "fileNamePattern", Mistaken: []string{"pattern", "glob", "filter"}}, recursive},
	},
	{Name: "MoveFile", Anchor: "action-modules-movefile", IsList: true, Inputs: []Input{from, to, overwrite}},
	{Name: "MoveFolder", Anchor: "action-modules-movefolder", IsList: true, Inputs: []Input{from, to, overwrite}},
	{
		Name: "ReadFile", Anchor: "action-modules-readfile", IsList: true, Outputs: []string{"content"},
		Inputs: []Input{path, encoding, {Name: "printFileContent", Kind: Boolean, Mistaken: []string{"print"}}},
	},
	{Name: "SetFileEncoding", Anchor: "action-modules-setfileencoding", IsList: true, Inputs: []Input{path, encoding}},
	{Name: "SetFileOwner", Anchor: "action-modules-setfileowner", On: Linux, IsList: true, Inputs: []Input{path, required(owner), group}},
	{
		Name: "SetFolderOwner", Anchor: "action-modules-setfolderowner", On: Linux, IsList: true,
		Inputs: []Input{path, required(owner), group, recursive},
	},
	{Name: "SetFilePermissions", Anchor: "action-modules-setfilepermissions", On: Linux, IsList: true, Inputs: []Input{path, required(mode)}},
	{
		Name: "SetFolderPermissions", Anchor: "action-modules-setfolderpermissions", On: Linux, IsList: true,
		Inputs: []Input{path, required(mode), recursive},
	},

	// Software installation
	{Name: "InstallMSI", Anchor: "action-modules-install-msi", On: Windows, Inputs: windowsInstaller},
	{Name: "UninstallMSI", Anchor: "action-modules-uninstall-msi", On: Windows, Inputs: windowsInstaller},

	// System actions
	{
		Name: "Reboot", Anchor: "action-modules-reboot", NoTimeout: true,
		Inputs: []Input{{Name: "delaySeconds", Kind: Integer, Mistaken: []string{"delay", "seconds"}}},
	},
	{
		Name: "SetRegistry", Anchor: "action-modules-setregistry", On: Windows, IsList: true,
		Inputs: []Input{
			{Name: "path", Required: true, Mistaken: []string{"key"}, Begins: []string{
				"HKEY_CLASSES_ROOT", "HKCR:", "HKEY_USERS", "HKU:", "HKEY_LOCAL_MACHINE", "HKLM:", "HKEY_CURRENT_CONFIG", "HKCC:", "HKEY_CURRENT_USER", "HKCU:",
			}},
			{Name: "name", Required: true}, {Name: "value", Kind: TextOrList, Required: true},
			{Name: "type", Required: true, AnyCase: true, Words: []string{"BINARY", "DWORD", "QWORD", "SZ", "EXPAND_SZ", "MULTI_SZ"}},
		},
	},
	{
		Name: "UpdateOS", Anchor: "action-modules-updateos",
		Inputs: []Input{{Name: "include", Kind: TextList}, {Name: "exclude", Kind: TextList}},
	},
}
