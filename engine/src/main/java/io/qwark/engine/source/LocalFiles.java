package io.qwark.engine.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The files of a folder of this host. */
public record LocalFiles(String name, Path folder, List<RemoteFile> files) implements RemoteFiles {
  private static final int DEPTH = 4;

  public LocalFiles {
    files = List.copyOf(files);
  }

  /** Lists what is there now; links count as what they lead to. */
  public static LocalFiles of(String name, Path folder) throws IOException {
    List<RemoteFile> files = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> all = Files.walk(folder, DEPTH)) {
        for (Path file : all.filter(Files::isRegularFile).toList()) {
          String path = folder.relativize(file).toString();
          if (RemoteFile.isSafe(path)) {
            files.add(new RemoteFile(path, Files.size(file)));
          }
        }
      }
    }
    return new LocalFiles(name, folder, files);
  }

  @Override
  public InputStream open(RemoteFile file, long from) throws IOException {
    FileChannel channel = FileChannel.open(folder.resolve(file.path()));
    return Channels.newInputStream(channel.position(from));
  }
}
