//! Compiles `proto/` without protoc: messages, gRPC services, the check of each message's bounds,
//! and the descriptor set that server reflection serves.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

#[path = "build/bounds.rs"]
mod bounds;

/// Root of the interface files.
const PROTO: &str = "proto";

/// The packages whose messages have bounds begin with this.
const BOUNDED: &str = "c1.";

/// The file that only annotates the others.
const OPTIONS: &str = "tailgrant/v1/bounds.proto";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={PROTO}");
    println!("cargo:rerun-if-changed=build");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);

    let mut compiler = protox::Compiler::new([PROTO])?;
    compiler.include_imports(true).include_source_info(true).open_files(proto_files(Path::new(PROTO))?)?;
    fs::write(out.join("bounds.rs"), bounds::generate(&compiler.descriptor_pool())?)?;
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;

    let mut files = compiler.file_descriptor_set();
    files.file.retain(|file| file.name() != OPTIONS);
    let mut config = tonic_prost_build::Config::new();
    config.enable_type_names().type_name_domain(["."], "type.googleapis.com");
    tonic_prost_build::configure()
        .btree_map(".")
        .include_file("packages.rs")
        .emit_rerun_if_changed(false)
        .compile_fds_with_config(files, config)?;
    Ok(())
}

/// Every interface file below `folder`, in a stable order.
fn proto_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(proto_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
