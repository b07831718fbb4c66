package io.qwark.jobs.model;

import io.qwark.engine.api.UserException;
import io.qwark.engine.source.RemoteFile;
import io.qwark.engine.source.RemoteFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.EtagSource;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;

/**
 * A model's files in a folder of a Hadoop file system, as they were when it was listed.
 *
 * @param file the GGUF file that is meant, or null for the folder
 */
record HadoopFiles(FileSystem system, Path folder, String file, Map<String, FileStatus> statuses)
    implements RemoteFiles {

  /**
   * @throws UserException if there is no such folder or file, or it cannot be listed
   */
  static HadoopFiles list(String given, Configuration hadoop) {
    try {
      Path path = new Path(given);
      FileSystem system = path.getFileSystem(hadoop);
      FileStatus status = system.getFileStatus(path);
      boolean isFile = status.isFile();
      if (isFile && !path.getName().endsWith(".gguf")) {
        throw new UserException(
            "Cannot use " + given + " as a model",
            "it is a file, and no .gguf file",
            "Give the path of a folder with a Hugging Face model, or of a .gguf file");
      }
      Path folder = system.makeQualified(isFile ? path.getParent() : path);
      Map<String, FileStatus> statuses = new TreeMap<>();
      for (FileStatus below : system.listStatus(folder)) {
        if (below.isFile() && RemoteFile.isSafe(below.getPath().getName())) {
          statuses.put(below.getPath().getName(), below);
        }
      }
      return new HadoopFiles(system, folder, isFile ? path.getName() : null, statuses);
    } catch (FileNotFoundException e) {
      throw new UserException(
          "Cannot find the model " + given, "there is no such folder or file", "Correct the path");
    } catch (UnsupportedFileSystemException e) {
      throw new UserException(
          "Cannot read " + given,
          String.valueOf(e.getMessage()),
          "Add the file system's library to Spark, such as --packages"
              + " org.apache.hadoop:hadoop-aws:VERSION for s3a",
          e);
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(given, e);
    }
  }

  static UserException unreadable(String given, Exception e) {
    return new UserException(
        "Cannot read " + given,
        String.valueOf(e.getMessage()).lines().findFirst().orElse("it failed"),
        "Check the path, its permissions and the file system's settings (spark.hadoop.*)",
        e);
  }

  @Override
  public String name() {
    return file == null ? folder.toString() : new Path(folder, file).toString();
  }

  @Override
  public List<RemoteFile> files() {
    List<RemoteFile> files = new ArrayList<>();
    statuses.forEach((name, status) -> files.add(new RemoteFile(name, status.getLen())));
    return files;
  }

  @Override
  public InputStream open(RemoteFile file, long from) throws IOException {
    FSDataInputStream in = system.open(statuses.get(file.path()).getPath());
    try {
      in.seek(from);
      return in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /** Whether a file is still the one that was listed. */
  boolean isUnchanged(RemoteFile file) throws IOException {
    FileStatus listed = statuses.get(file.path());
    return version(system.getFileStatus(listed.getPath())).equals(version(listed));
  }

  /** Tells versions of a file apart: length, time of change, and an object store's own tag. */
  private static String version(FileStatus status) {
    String tag = status instanceof EtagSource tagged ? tagged.getEtag() : null;
    return status.getLen() + " " + status.getModificationTime() + " " + tag;
  }

  /** 40 hexadecimal digits that another place, or another version of these files, does not have. */
  String stamp(List<RemoteFile> needed) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(folder.toString().getBytes(StandardCharsets.UTF_8));
      for (RemoteFile one : needed) {
        String line = "\n" + one.path() + " " + version(statuses.get(one.path()));
        digest.update(line.getBytes(StandardCharsets.UTF_8));
      }
      return HexFormat.of().formatHex(digest.digest()).substring(0, 40);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("Every Java platform has SHA-256", e);
    }
  }
}
